import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { awsClient } from "../aws-client";
import type { Step } from "../quiet-step";
import { EXIT, Problem } from "../problem";
import type { Engine } from "./engine";
import type { Platform } from "./platform";

/** An image to push, and where it comes from. */
export interface ImageOrder {
  /** `backend` or `frontend`. */
  readonly name: string;
  readonly source: { readonly directory: string } | { readonly image: string };
  /** Its ECR repository: `<registry>/<name>`. */
  readonly repository: string;
  /** Tags to push it under. */
  readonly tags: readonly [string, ...string[]];
}

export interface PushOptions {
  readonly engine: Pick<Engine, "build" | "tag" | "platformOf" | "login" | "push">;
  readonly platform: Platform;
  readonly region: string;
  readonly step: Step;
  readonly signal: AbortSignal;
}

/**
 * Builds the images, looks at every one of them, and only then pushes all.
 *
 * @returns the references that were pushed
 * @throws Problem when an image is for another platform than the tasks'. Nothing is pushed then.
 */
export async function pushImages(orders: readonly ImageOrder[], options: PushOptions): Promise<string[]> {
  const { engine, platform, step } = options;
  for (const order of orders) {
    const references = referencesOf(order);
    const { source } = order;
    await step(`Prepare the ${order.name} image for ${platform}`, async (report) => {
      if ("directory" in source) {
        await engine.build(source.directory, platform, references, report);
        await assertPlatform(references[0] ?? "", options);
      } else {
        await assertPlatform(source.image, options);
        for (const reference of references) await engine.tag(source.image, reference);
      }
    });
  }
  const registries = new Set(orders.map(({ repository }) => repository.split("/")[0] ?? ""));
  await step("Log in to ECR", async () => {
    for (const registry of registries) await logIn(registry, options);
  });
  const references = orders.flatMap(referencesOf);
  for (const reference of references) {
    await step(`Push ${reference}`, (report) => engine.push(reference, report));
  }
  return references;
}

function referencesOf({ repository, tags }: ImageOrder): string[] {
  return [...new Set(tags)].map((tag) => `${repository}:${tag}`);
}

async function assertPlatform(image: string, { engine, platform }: PushOptions): Promise<void> {
  const found = await engine.platformOf(image);
  if (found === platform) return;
  throw new Problem(
    `${image} is for ${found}, and the tasks need ${platform}: they would end with "exec format error". Nothing was pushed.`,
    `Build it for ${platform}, or set backend_cpu_architecture to what it is for. A Dockerfile with FROM --platform=… fixes the architecture by itself.`,
    EXIT.failed,
  );
}

async function logIn(registry: string, { engine, region, signal }: PushOptions): Promise<void> {
  const ecr = awsClient(ECRClient, region);
  const { authorizationData = [] } = await ecr.send(new GetAuthorizationTokenCommand({}), {
    abortSignal: signal,
  });
  const token = Buffer.from(authorizationData[0]?.authorizationToken ?? "", "base64").toString();
  const [user = "", password = ""] = token.split(":");
  await engine.login(registry, user, password);
}
