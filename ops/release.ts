import { type Deployment, type ECSClient, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { RELEASE_TAGS } from "../src/lib/release-tags";
import type { Release } from "./history";
import type { Image, ImageTags } from "./image-tags";
import { type Backend, primaryDeployment } from "./service";

/** What is to run next. */
export interface NextRelease {
  /** ARN of the task definition. */
  readonly taskDefinition: string;
  /** Tag that the task definition names. */
  readonly tag: string;
  readonly image: Image;
}

/**
 * Starts a deployment. ECS takes whatever image the task definition's tag names, so that tag is moved first;
 * where ECS then refuses the deployment, it is moved back. The image that runs until now stays in the
 * repository for a rollback. An interruption waits until this is done.
 *
 * Terraform knows the task definition, not what its tag names, so it has nothing to change back.
 */
export async function startRelease(
  ecs: ECSClient,
  tags: ImageTags,
  { cluster, service, state }: Backend,
  { taskDefinition, tag, image }: NextRelease,
  running: Release | undefined,
): Promise<Deployment> {
  const runningImage =
    running?.digest === undefined ? undefined : await tags.find({ digest: running.digest });
  const formerlyNamed = await tags.find({ tag });

  if (runningImage && runningImage.digest !== image.digest) {
    await tags.move(RELEASE_TAGS.before, runningImage);
  }
  await tags.move(RELEASE_TAGS.deployed, image);
  await tags.move(tag, image);
  try {
    const { service: updated } = await ecs.send(
      new UpdateServiceCommand({
        cluster,
        service,
        forceNewDeployment: true,
        ...(taskDefinition !== state.taskDefinition && { taskDefinition }),
      }),
    );
    const deployment = updated && primaryDeployment(updated);
    if (!deployment) throw new Error(`ECS started no deployment of ${service}`);
    return deployment;
  } catch (error) {
    if (formerlyNamed) await tags.move(tag, formerlyNamed);
    throw error;
  }
}

/**
 * Lets tags name the image that runs, after ECS went back to it: the next deployment, by whatever reason,
 * would otherwise start the image that has failed. An image that was pushed after the failed deployment began
 * is another one, perhaps the fix: it keeps the tag.
 *
 * @param begun - When the failed deployment began.
 * @returns the tag that was moved, or `undefined` when nothing had to be.
 */
export async function restoreTags(
  tags: ImageTags,
  running: Release | undefined,
  begun: Date | undefined,
): Promise<string | undefined> {
  if (running?.digest === undefined || running.image === undefined) return undefined;
  const image = await tags.find({ digest: running.digest });
  const tag = tagOf(running.image);
  const named = await tags.find({ tag });
  if (!image || named?.digest === image.digest) return undefined;
  const pushedAt = named && (await tags.pushedAt(named));
  if (pushedAt && begun && pushedAt > begun) return undefined;
  await tags.move(tag, image);
  await tags.move(RELEASE_TAGS.deployed, image);
  return tag;
}

/** The tag of an image reference. `latest`, where it has none. */
export function tagOf(reference: string): string {
  return /:([\w.-]+)$/.exec(reference.replace(/@.*$/, ""))?.[1] ?? "latest";
}
