import { AppautoscalingPolicy } from "@cdktf/provider-aws/lib/appautoscaling-policy";
import { AppautoscalingTarget } from "@cdktf/provider-aws/lib/appautoscaling-target";
import { Construct } from "constructs";
import type { BackendService } from "./backend-service";
import type { LoadBalancer } from "./load-balancer";

export interface AutoscalingProps {
  readonly appName: string;
  readonly service: BackendService;
  readonly loadBalancer: LoadBalancer;
  /** Fewest tasks. */
  readonly minCapacity: number;
  /** Most tasks. */
  readonly maxCapacity: number;
}

/** What each task should be busy with: above it tasks are added, below it they are taken away. */
const TARGETS = {
  /** Percent of the task's CPU. */
  cpu: 70,
  /** Percent of the task's memory. */
  memory: 80,
  /** Requests in a minute to each task. */
  requests: 1000,
};

/** Seconds to wait before the next change. Quick to add tasks, slow to take them away. */
const COOLDOWN = { scaleOutCooldown: 60, scaleInCooldown: 300 };

/** Keeps the number of tasks in step with CPU, memory and requests, whichever asks for most. */
export class Autoscaling extends Construct {
  constructor(scope: Construct, id: string, props: AutoscalingProps) {
    super(scope, id);
    const { appName, service, loadBalancer } = props;

    const target = new AppautoscalingTarget(this, "backend", {
      serviceNamespace: "ecs",
      scalableDimension: "ecs:service:DesiredCount",
      resourceId: `service/${service.clusterName}/${service.serviceName}`,
      minCapacity: props.minCapacity,
      maxCapacity: props.maxCapacity,
    });

    const track = (metric: keyof typeof TARGETS, predefinedMetricType: string, resourceLabel?: string) =>
      new AppautoscalingPolicy(this, `backend_${metric}`, {
        name: `${appName}-backend-${metric}`,
        policyType: "TargetTrackingScaling",
        serviceNamespace: target.serviceNamespace,
        scalableDimension: target.scalableDimension,
        resourceId: target.resourceId,
        targetTrackingScalingPolicyConfiguration: {
          targetValue: TARGETS[metric],
          predefinedMetricSpecification: { predefinedMetricType, resourceLabel },
          ...COOLDOWN,
        },
      });
    track("cpu", "ECSServiceAverageCPUUtilization");
    track("memory", "ECSServiceAverageMemoryUtilization");
    track(
      "requests",
      "ALBRequestCountPerTarget",
      `${loadBalancer.arnSuffix}/${loadBalancer.targetGroupArnSuffix}`,
    );
  }
}
