import { DescribeTaskDefinitionCommand, type ECSClient } from "@aws-sdk/client-ecs";
import { backendClients } from "./aws-client";
import type { RolloutSettings } from "./deploy";
import type { Deployment } from "./deployment";
import { followGoingBack, followRollout } from "./follow";
import { type History, isGoingBack, previousRelease, readHistory, type Release } from "./history";
import { ImageTags } from "./image-tags";
import { Problem } from "./problem";
import { restoreTags, startRelease, tagOf } from "./release";
import { locationOf, readBackend, revisionName } from "./service";

export interface RollbackResult {
  /** ECS's id of the deployment; absent when ECS goes back by itself. */
  readonly deployment?: string;
  /** When ECS itself had gone back. */
  readonly goneBackAt?: Date;
  /** The tag that names what runs again, where ECS went back by itself and the tag named what failed. */
  readonly movedTag?: string;
  /** `family:revision` */
  readonly taskDefinition: string;
  readonly digest: string | undefined;
  /** When this release was deployed before. */
  readonly deployedAt: Date | undefined;
  /** Whether the service has another task definition now, which Terraform may want to change. */
  readonly taskDefinitionChanged: boolean;
  /** Whether it was followed to its end. */
  readonly finished: boolean;
}

/**
 * Goes back to what ran before: its image and its task definition.
 *
 * - While a deployment is going on, or after one that failed: what ran before that.
 * - After one that ECS itself took back: nothing is left to do but to put the tags right. Where ECS is still on
 *   its way, its end is waited for; where that fails, what ran before is deployed.
 * - Otherwise the newest release that differs from what runs. Twice is back again.
 *
 * @throws Problem with `EXIT.notTried` when there is nothing to go back to, with `EXIT.failed` afterwards.
 */
export async function rollback(deployed: Deployment, options: RolloutSettings): Promise<RollbackResult> {
  const { globals, wait, timeoutMinutes, intervalMs } = options;
  const { signal } = globals;
  const clients = backendClients(deployed.region);
  const settings = { clients, globals, timeoutMinutes, intervalMs };
  if (wait) await followGoingBack({ ...settings, location: locationOf(deployed) });
  const backend = await readBackend(clients.ecs, deployed, signal);
  const tags = new ImageTags(clients.ecr, backend.repository, signal);
  const history = await readHistory(clients.ecs, backend, backend.container.name, signal);
  const { newest } = history;
  const [running] = history.releases;

  if (running && newest && (isGoingBack(newest) || newest.status === "ROLLBACK_SUCCESSFUL")) {
    const movedTag = await restoreTags(tags, running, newest.createdAt);
    return {
      ...described(running),
      ...(newest.finishedAt && { goneBackAt: newest.finishedAt }),
      ...(movedTag && { movedTag }),
      taskDefinitionChanged: false,
      finished: !isGoingBack(newest),
    };
  }
  const target = targetOf(history);
  const image = target.digest === undefined ? undefined : await tags.find({ digest: target.digest });
  if (!image) throw imageGone(target);
  await assertRegistered(clients.ecs, target, signal);

  signal.throwIfAborted();
  const next = { taskDefinition: target.taskDefinition, tag: tagOf(target.image ?? ""), image };
  const deployment = await startRelease(clients.ecs, tags, backend, next, running);
  if (wait) await followRollout({ ...settings, backend, deployment });
  return {
    ...described(target),
    deployment: deployment.id ?? "",
    taskDefinitionChanged: target.taskDefinition !== backend.state.taskDefinition,
    finished: wait,
  };
}

function targetOf(history: History): Release {
  const isSettled = history.newest?.status === "SUCCESSFUL";
  const target = isSettled ? previousRelease(history) : history.releases[0];
  if (target) return target;
  throw new Problem(
    "There is nothing to go back to: no other deployment has succeeded in the last 90 days.",
    "Deploy an image that works: npm run ops -- deploy --tag <tag>",
  );
}

function described({ taskDefinition, digest, at }: Release) {
  return { taskDefinition: revisionName(taskDefinition), digest, deployedAt: at };
}

function imageGone({ taskDefinition, digest }: Release): Problem {
  return new Problem(
    `The image of ${revisionName(taskDefinition)}, ${digest ?? "which AWS does not name"}, is no longer in the repository.`,
    "Push it again, or deploy another one: npm run ops -- deploy --tag <tag>",
  );
}

/** ECS starts no task from a task definition that was deregistered. */
async function assertRegistered(ecs: ECSClient, target: Release, signal: AbortSignal): Promise<void> {
  const { taskDefinition } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: target.taskDefinition }),
    { abortSignal: signal },
  );
  if (taskDefinition?.status === "ACTIVE") return;
  throw new Problem(
    `The task definition ${revisionName(target.taskDefinition)} is no longer registered.`,
    "Take the change back in terraform.tfvars, and deploy: npx cdktf deploy",
  );
}
