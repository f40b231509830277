import { resolve } from "node:path";
import { Command } from "commander";
import { projectRoot } from "../../local/workspace";
import { readDeployment } from "../deployment";
import { type Globals, globalsOf, print } from "../globals";
import { Engine, findEngine } from "../images/engine";
import { platformOf } from "../images/platform";
import { type ImageOrder, pushImages } from "../images/push";
import { commitTag } from "../images/source";
import { Problem } from "../problem";
import { stepFor } from "../quiet-step";
import { StackValues } from "../values";

interface PushFlags {
  readonly backend?: string;
  readonly frontend?: string;
  readonly image?: string;
  readonly tag?: string;
}

/** Tag of the frontend's image that never expires. Nothing here runs it. */
const FRONTEND_TAG = "latest";

/** `ops images` */
export function imagesCommand(): Command {
  return new Command("images")
    .description("Builds and pushes the images of backend and frontend.")
    .addCommand(pushCommand().exitOverride());
}

function pushCommand(): Command {
  return new Command("push")
    .description(
      "Builds images for the tasks' architecture with docker or podman, and pushes them to ECR:\n" +
        "under the tag that tasks run, and under the Git commit of the sources (with -dirty behind\n" +
        "where files differ from it). An image of another architecture is refused.",
    )
    .option("--backend <directory>", "sources of the backend, with a Dockerfile")
    .option("--frontend <directory>", "sources of the frontend, with a Dockerfile")
    .option("--image <image>", "a local image for the backend, in place of --backend")
    .option("--tag <tag>", "the tag (default: backend_image_tag; latest for the frontend)")
    .action(async (flags: PushFlags, command: Command) => {
      const globals = globalsOf(command);
      const pushed = await push(flags, globals);
      print(
        { pushed },
        `\nPushed:\n${pushed.map((reference) => `  ${reference}`).join("\n")}\nRoll the backend out right away: see "Roll them out" in README.md.`,
        globals,
      );
    });
}

async function push(flags: PushFlags, globals: Globals): Promise<string[]> {
  const { signal } = globals;
  assertSources(flags);
  const engine = await findEngine(signal);
  if (!engine) {
    throw new Problem("Neither docker nor podman answers.", "Install or start one of them.");
  }
  const deployment = await readDeployment(globals);
  const values = await new StackValues(resolve(projectRoot, globals.directory)).effective(signal);
  const tag = flags.tag ?? values.backend_image_tag;
  const orders: ImageOrder[] = [];
  if (flags.image !== undefined) {
    const repository = deployment.text("backend_ecr_url");
    orders.push({ name: "backend", source: { image: flags.image }, repository, tags: [tag] });
  }
  if (flags.backend !== undefined) {
    const repository = deployment.text("backend_ecr_url");
    orders.push(await orderFrom("backend", flags.backend, repository, tag, signal));
  }
  if (flags.frontend !== undefined) {
    const repository = deployment.text("frontend_ecr_url");
    orders.push(await orderFrom("frontend", flags.frontend, repository, flags.tag ?? FRONTEND_TAG, signal));
  }
  return pushImages(orders, {
    engine: new Engine(engine, signal),
    platform: platformOf(values.backend_cpu_architecture),
    region: deployment.region,
    step: stepFor(globals),
    signal,
  });
}

function assertSources({ backend, frontend, image }: PushFlags): void {
  if (backend !== undefined && image !== undefined) {
    throw new Problem("--backend and --image are two sources of one image.", "Give one of them.");
  }
  if ((backend ?? frontend ?? image) === undefined) {
    throw new Problem(
      "There is nothing to push.",
      "Say what: npm run ops -- images push --backend ../backend",
    );
  }
}

async function orderFrom(
  name: string,
  given: string,
  repository: string,
  tag: string,
  signal: AbortSignal,
): Promise<ImageOrder> {
  // npm runs scripts in the project's root, whichever directory the user is in.
  const directory = resolve(process.env.INIT_CWD ?? process.cwd(), given);
  const commit = await commitTag(directory, signal);
  return { name, source: { directory }, repository, tags: commit ? [tag, commit] : [tag] };
}
