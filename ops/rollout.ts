import type { Deployment, ECSClient, Service } from "@aws-sdk/client-ecs";
import type { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { describeService, primaryDeployment, type ServiceLocation } from "./service";
import { describeTargets, readTargets } from "./targets";
import { watch, type Watch } from "./watch";

/** How a rollout ended. `state` is the service as it was then. */
export interface Outcome {
  /**
   * - `completed`: all tasks are new and healthy.
   * - `failed`: ECS gave up. It goes back to what ran before, if anything did.
   * - `superseded`: another deployment took its place.
   */
  readonly result: "completed" | "failed" | "superseded";
  readonly state: Service;
  /** What ECS says about it. */
  readonly reason: string;
}

export interface RolloutOptions extends Watch {
  readonly ecs: ECSClient;
  readonly elb: ElasticLoadBalancingV2Client;
  readonly location: ServiceLocation;
  readonly deployment: Deployment;
  /** Says why a task failed. Called when another one has. */
  readonly explain: (state: Service) => Promise<string>;
}

/** ECS's own id is in its messages: `(deployment ecs-svc/123) deployment failed: tasks failed to start.` */
const ROLLING_BACK = /rolling back|rolled back/i;

/**
 * Watches one deployment until ECS has made up its mind, and reports what changes.
 *
 * @returns `undefined` when the time is over first: the rollout goes on.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html
 */
export async function watchRollout(options: RolloutOptions): Promise<Outcome | undefined> {
  const { ecs, elb, location, deployment, explain, signal, report } = options;
  let missing = 0;
  let failedTasks = 0;
  let trouble: string | undefined;

  return watch(async () => {
    const state = await describeService(ecs, location, signal);
    const own = state.deployments?.find(({ id }) => id === deployment.id);
    if (!own) {
      // What AWS describes may lag behind what it was told, so only the second time counts.
      missing += 1;
      return missing < 2 ? undefined : successor(state, deployment);
    }
    missing = 0;
    if (own.rolloutState === "COMPLETED") return { result: "completed", state, reason: "" } as const;
    if (own.rolloutState === "FAILED") {
      return { result: "failed", state, reason: own.rolloutStateReason ?? "" } as const;
    }
    if (own.status !== "PRIMARY") return successor(state, deployment);

    if ((own.failedTasks ?? 0) > failedTasks) trouble = await explain(state);
    failedTasks = own.failedTasks ?? 0;
    if (failedTasks === 0) trouble = undefined;
    report(await describeProgress(elb, state, own, trouble, signal));
    return undefined;
  }, options);
}

/** What took the place of a deployment: what ran before, or what somebody else deployed. */
function successor(state: Service, { id = "" }: Deployment): Outcome {
  const reason = primaryDeployment(state)?.rolloutStateReason ?? "";
  const failure = state.events?.find(({ message }) => message?.includes(id) && message.includes("failed"));
  if (failure) return { result: "failed", state, reason: withoutService(failure.message) };
  if (ROLLING_BACK.test(reason)) return { result: "failed", state, reason };
  return { result: "superseded", state, reason };
}

/** `1 of 2 new tasks running, 1 starting · 2 old · targets: 2 healthy, 1 initial · has started 2 tasks` */
async function describeProgress(
  elb: ElasticLoadBalancingV2Client,
  state: Service,
  own: Deployment,
  trouble: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const { runningCount = 0, pendingCount = 0, desiredCount = 0, failedTasks = 0 } = own;
  const old = (state.runningCount ?? 0) - runningCount;
  const counts = [
    `${runningCount} of ${desiredCount} new tasks running`,
    ...(pendingCount > 0 ? [`${pendingCount} starting`] : []),
    ...(failedTasks > 0 ? [`${failedTasks} failed`] : []),
  ].join(", ");
  const targets = describeTargets(await readTargets(elb, state, signal));
  const [event] = (state.events ?? []).filter(
    ({ createdAt }) => Number(createdAt) >= Number(own.createdAt ?? 0),
  );
  return [
    counts,
    old > 0 ? `${old} old` : undefined,
    targets && `targets: ${targets}`,
    trouble ?? withoutService(event?.message),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** A service event without the service's name in front, and without ids of tasks behind. */
export function withoutService(message = ""): string {
  return message.replace(/^\(service [^)]*\),? ?/, "").replace(/: (\(task \w+\),? ?)+\.?/, "");
}
