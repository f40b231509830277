import type { Deployment as EcsDeployment } from "@aws-sdk/client-ecs";
import { type BackendClients, backendClients } from "./aws-client";
import type { Deployment } from "./deployment";
import { followGoingBack, followRollout, indented, rolloutFailed } from "./follow";
import type { Globals } from "./globals";
import { isRolledBack, readHistory } from "./history";
import { type Image, ImageTags } from "./image-tags";
import { assertNoMigration, type MigrationResult, runMigration } from "./migration";
import { EXIT, Problem } from "./problem";
import { showStep } from "./progress";
import { startRelease } from "./release";
import {
  type Backend,
  describeService,
  locationOf,
  primaryDeployment,
  readBackend,
  revisionName,
} from "./service";

export interface RolloutSettings {
  readonly globals: Globals;
  /** Whether to follow the rollout to its end. */
  readonly wait: boolean;
  readonly timeoutMinutes: number;
  /** Milliseconds between two looks. */
  readonly intervalMs?: number;
}

export interface DeployOptions extends RolloutSettings {
  /**
   * Tag of the image.
   *
   * @default - the one that the task definition names
   */
  readonly tag?: string | undefined;
  /** A line for `sh -c` that must succeed first, in a task of its own. */
  readonly migrate?: string | undefined;
}

export interface DeployResult {
  /** ECS's id of the deployment. */
  readonly deployment: string;
  /** `family:revision` */
  readonly taskDefinition: string;
  readonly tag: string;
  readonly digest: string;
  readonly migration?: Pick<MigrationResult, "exitCode" | "logLines">;
  /** Whether it was followed to its end. */
  readonly finished: boolean;
}

/**
 * Rolls out an image.
 *
 * @throws Problem with `EXIT.notTried` before anything is done, with `EXIT.failed` afterwards.
 */
export async function deploy(deployed: Deployment, options: DeployOptions): Promise<DeployResult> {
  const { globals, wait, timeoutMinutes, intervalMs } = options;
  const { signal } = globals;
  const clients = backendClients(deployed.region);
  const backend = await readBackend(clients.ecs, deployed, signal);
  const { tag = backend.tag } = options;
  if (tag !== backend.tag && isPinned(backend.tag)) throw pinned(backend.tag, tag);
  const tags = new ImageTags(clients.ecr, backend.repository, signal);
  const image = await tags.find({ tag });
  if (!image) throw noImage(deployed.text("backend_ecr_url"), tag);
  assertNothingOngoing(backend);
  await assertNoMigration(clients.ecs, backend, signal);

  const migration =
    options.migrate === undefined
      ? undefined
      : await migrate(clients, backend, deployed.text("backend_ecr_url"), image, options.migrate, options);

  if (migration) {
    // It may have taken long: others may have deployed meanwhile.
    assertNothingOngoing(
      { state: await describeService(clients.ecs, backend, signal) },
      "The migration has run. ",
    );
  }
  const { releases } = await readHistory(clients.ecs, backend, backend.container.name, signal);

  signal.throwIfAborted();
  const next = { taskDefinition: backend.state.taskDefinition ?? "", tag: backend.tag, image };
  const deployment = await startRelease(clients.ecs, tags, backend, next, releases[0]);
  if (wait) await followRollout({ clients, backend, deployment, globals, timeoutMinutes, intervalMs });
  return {
    deployment: deployment.id ?? "",
    taskDefinition: revisionName(deployment.taskDefinition),
    tag,
    digest: image.digest,
    ...(migration && { migration }),
    finished: wait,
  };
}

/**
 * Follows the rollout that is going on, whoever started it; also one that Terraform started. Returns at once
 * where the last one succeeded.
 *
 * @returns `undefined` where no task has ever run and there is no image yet, as after the very first apply.
 * @throws Problem when it fails, or when the last one did.
 */
export async function watchOngoing(
  deployed: Deployment,
  { globals, timeoutMinutes, intervalMs }: Omit<RolloutSettings, "wait">,
): Promise<EcsDeployment | undefined> {
  const { signal } = globals;
  const clients = backendClients(deployed.region);
  const settings = { clients, globals, timeoutMinutes, intervalMs };
  await followGoingBack({ ...settings, location: locationOf(deployed) });
  const backend = await readBackend(clients.ecs, deployed, signal);
  const { state } = backend;
  const { newest, releases } = await readHistory(clients.ecs, backend, backend.container.name, signal);
  const hasRun = releases.length > 0 || (state.runningCount ?? 0) > 0;
  const tags = new ImageTags(clients.ecr, backend.repository, signal);
  if (!hasRun && !(await tags.find({ tag: backend.tag }))) return undefined;
  if (newest && isRolledBack(newest)) {
    const deployment = { id: failedDeploymentId(backend), createdAt: newest.createdAt };
    const reason = newest.statusReason ?? "ECS gave it up.";
    throw await rolloutFailed(
      { clients, backend, deployment, globals },
      { state, reason },
      newest.finishedAt,
    );
  }
  const deployment = primaryDeployment(state);
  if (!deployment) throw new Error(`the service ${backend.service} has no deployment`);
  await followRollout({ ...settings, backend, deployment });
  return deployment;
}

async function migrate(
  clients: BackendClients,
  backend: Backend,
  repositoryUrl: string,
  { digest }: Image,
  command: string,
  { globals, timeoutMinutes, intervalMs = 5_000 }: DeployOptions,
): Promise<MigrationResult> {
  return showStep(`Migrating: ${command}`, globals, async (report) => {
    const result = await runMigration({
      clients,
      backend,
      image: `${repositoryUrl}@${digest}`,
      command,
      intervalMs,
      timeoutMs: timeoutMinutes * 60_000,
      signal: globals.signal,
      report,
    });
    if (!result.failure) return result;
    const code = result.exitCode === undefined ? "" : ` with exit code ${result.exitCode}`;
    const log = result.logLines.length > 0 ? `\n\nIts last lines:\n${indented(result.logLines)}\n` : "";
    throw new Problem(
      `The migration failed${code}, so nothing was deployed: the service is untouched. ${result.failure.reason}${log}`,
      result.failure.remedy,
      EXIT.failed,
    );
  });
}

/**
 * ECS takes a second deployment while one is going on, and the first then never ends.
 *
 * @param done - A sentence on what was done already, if anything was.
 */
function assertNothingOngoing({ state }: Pick<Backend, "state">, done = ""): void {
  const { rolloutState, createdAt, taskDefinition } = primaryDeployment(state) ?? {};
  // Where no task runs, as before the first image, there is nothing to disturb.
  if (rolloutState !== "IN_PROGRESS" || (state.runningCount ?? 0) === 0) return;
  throw new Problem(
    `${done}A deployment of ${revisionName(taskDefinition)} is going on since ${createdAt?.toISOString() ?? "a while"}.`,
    "See how it ends: npm run ops -- deploy --watch\nUndo it: npm run ops -- rollback",
    done === "" ? EXIT.notTried : EXIT.failed,
  );
}

function noImage(repositoryUrl: string, tag: string): Problem {
  return new Problem(
    `There is no image ${tag} in the repository ${repositoryUrl}.`,
    `Push it: npm run ops -- images push --backend <directory> --tag ${tag}`,
  );
}

/** Whether a tag looks like the name of one image for ever: a commit, or a version. */
export function isPinned(tag: string): boolean {
  return /^[0-9a-f]{7,40}$|^v?\d+(\.\d+)+/.test(tag);
}

function pinned(named: string, wanted: string): Problem {
  return new Problem(
    `Tasks run the tag that terraform.tfvars names, backend_image_tag = "${named}". It looks like the name of one image for ever, so it is not moved to the image ${wanted}.`,
    `Set backend_image_tag = "${wanted}" and deploy with Terraform: npx cdktf deploy\nThen follow the rollout: npm run ops -- deploy --watch`,
  );
}

/** ECS's id of the deployment that failed last, as its events name it. */
function failedDeploymentId({ state: { events = [] } }: Backend): string | undefined {
  const failed = events.find(({ message }) => message?.includes("deployment failed"));
  return /ecs-svc\/\d+/.exec(failed?.message ?? "")?.[0];
}
