import type { Service } from "@aws-sdk/client-ecs";
import {
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  type TargetHealth,
} from "@aws-sdk/client-elastic-load-balancing-v2";

/** How the load balancer finds a service's tasks. Each has a state: `healthy`, `initial`, `unhealthy`, `draining` … */
export async function readTargets(
  elb: ElasticLoadBalancingV2Client,
  { loadBalancers }: Service,
  signal: AbortSignal,
): Promise<TargetHealth[]> {
  const TargetGroupArn = loadBalancers?.[0]?.targetGroupArn;
  if (TargetGroupArn === undefined) return [];
  const { TargetHealthDescriptions = [] } = await elb.send(
    new DescribeTargetHealthCommand({ TargetGroupArn }),
    { abortSignal: signal },
  );
  return TargetHealthDescriptions.flatMap(({ TargetHealth }) => TargetHealth ?? []);
}

/** `2 healthy, 1 draining` */
export function describeTargets(targets: readonly TargetHealth[]): string {
  const states = targets.flatMap(({ State }) => State ?? []);
  return [...new Set<string>(states)]
    .sort()
    .map((state) => `${states.filter((each) => each === state).length} ${state}`)
    .join(", ");
}
