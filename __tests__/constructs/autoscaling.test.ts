import { AppautoscalingPolicy } from "@cdktf/provider-aws/lib/appautoscaling-policy";
import { AppautoscalingTarget } from "@cdktf/provider-aws/lib/appautoscaling-target";
import { describe, expect, it } from "vitest";
import { wholeStack } from "../helpers/synth";

const stack = wholeStack();

describe("Autoscaling", () => {
  it("changes the number of the service's tasks", () => {
    expect(stack.resource(AppautoscalingTarget)).toMatchObject({
      service_namespace: "ecs",
      scalable_dimension: "ecs:service:DesiredCount",
      resource_id: "service/${aws_ecs_cluster.app_cluster.name}/${aws_ecs_service.backend_service.name}",
    });
  });

  it("keeps at least backend_desired_count tasks, so that the documented way of scaling works", () => {
    expect(stack.resource(AppautoscalingTarget).min_capacity).toBe("${var.backend_desired_count}");
  });

  it("stops at the profile's ceiling, which is never below the floor", () => {
    expect(stack.resource(AppautoscalingTarget).max_capacity).toBe(
      "${max(local.backend_max_count, var.backend_desired_count)}",
    );
  });

  it.each([
    ["cpu", "ECSServiceAverageCPUUtilization", 70],
    ["memory", "ECSServiceAverageMemoryUtilization", 80],
    ["requests", "ALBRequestCountPerTarget", 1000],
  ])("keeps %s on target: quick to add tasks, slow to take them away", (metric, type, target) => {
    expect(stack.resource(AppautoscalingPolicy, `backend_${metric}`)).toMatchObject({
      name: `\${var.app_name}-backend-${metric}`,
      policy_type: "TargetTrackingScaling",
      service_namespace: "${aws_appautoscaling_target.backend.service_namespace}",
      scalable_dimension: "${aws_appautoscaling_target.backend.scalable_dimension}",
      resource_id: "${aws_appautoscaling_target.backend.resource_id}",
      target_tracking_scaling_policy_configuration: {
        target_value: target,
        predefined_metric_specification: { predefined_metric_type: type },
        scale_out_cooldown: 60,
        scale_in_cooldown: 300,
      },
    });
  });

  it("counts the requests of this target group behind this load balancer", () => {
    const specification = (metric: string) =>
      stack.resource(AppautoscalingPolicy, `backend_${metric}`).target_tracking_scaling_policy_configuration
        .predefined_metric_specification;

    expect(specification("requests").resource_label).toBe(
      "${aws_lb.app_lb.arn_suffix}/${aws_lb_target_group.backend_tg.arn_suffix}",
    );
    expect(specification("cpu")).not.toHaveProperty("resource_label");
  });
});
