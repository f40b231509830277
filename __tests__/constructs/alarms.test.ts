import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { describe, expect, it } from "vitest";
import { dbMemoryGiB } from "../../src/lib/db-memory";
import { readHcl } from "../helpers/hcl";
import { type Block, wholeStack } from "../helpers/synth";

const stack = wholeStack();
const TOPIC_ARN = "${aws_sns_topic.alarms.arn}";
const alarms: [string, Block][] = Object.entries(stack.resources(CloudwatchMetricAlarm));

const LOAD_BALANCER = { LoadBalancer: "${aws_lb.app_lb.arn_suffix}" };
const TARGETS = { ...LOAD_BALANCER, TargetGroup: "${aws_lb_target_group.backend_tg.arn_suffix}" };
const SERVICE = {
  ClusterName: "${aws_ecs_cluster.app_cluster.name}",
  ServiceName: "${aws_ecs_service.backend_service.name}",
};
const DATABASE = { DBInstanceIdentifier: "${var.app_name}-postgres" };

/** Direction, threshold, and how long: so many of the last so many periods. */
type Breach = readonly [">" | "<", number, string];

describe("Alarms", () => {
  it.each<[string, string, string, Block, string, Breach]>([
    ["target_5xx", "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", TARGETS, "Sum", [">", 10, "3/5 x 60"]],
    [
      "load_balancer_5xx",
      "AWS/ApplicationELB",
      "HTTPCode_ELB_5XX_Count",
      LOAD_BALANCER,
      "Sum",
      [">", 10, "3/5 x 60"],
    ],
    ["unhealthy_hosts", "AWS/ApplicationELB", "UnHealthyHostCount", TARGETS, "Maximum", [">", 0, "5/5 x 60"]],
    ["latency_p95", "AWS/ApplicationELB", "TargetResponseTime", TARGETS, "p95", [">", 2, "10/15 x 60"]],
    ["ecs_cpu", "AWS/ECS", "CPUUtilization", SERVICE, "Average", [">", 90, "15/15 x 60"]],
    ["ecs_memory", "AWS/ECS", "MemoryUtilization", SERVICE, "Average", [">", 90, "5/5 x 60"]],
    ["rds_cpu", "AWS/RDS", "CPUUtilization", DATABASE, "Average", [">", 80, "3/3 x 300"]],
    ["rds_cpu_credits", "AWS/RDS", "CPUCreditBalance", DATABASE, "Average", ["<", 10, "12/12 x 300"]],
  ])(
    "%s watches %s %s",
    (id, namespace, metric_name, dimensions, statistic, [comparison, threshold, time]) => {
      const alarm = stack.resource(CloudwatchMetricAlarm, id);

      expect(alarm).toMatchObject({
        namespace,
        metric_name,
        dimensions,
        threshold,
        comparison_operator: comparison === ">" ? "GreaterThanThreshold" : "LessThanThreshold",
      });
      expect(alarm.statistic ?? alarm.extended_statistic).toBe(statistic);
      expect(`${alarm.datapoints_to_alarm}/${alarm.evaluation_periods} x ${alarm.period}`).toBe(time);
    },
  );

  it("are all of these", () => {
    expect(alarms.map(([id]) => id).sort()).toEqual([
      "ecs_cpu",
      "ecs_memory",
      "latency_p95",
      "load_balancer_5xx",
      "rds_connections",
      "rds_cpu",
      "rds_cpu_credits",
      "rds_free_memory",
      "rds_free_storage",
      "running_below_desired",
      "target_5xx",
      "unhealthy_hosts",
    ]);
  });

  it.each(alarms)(
    "%s tells the topic when it starts and when it ends, and says what to look at",
    (id, alarm) => {
      expect(alarm).toMatchObject({
        alarm_name: `\${var.app_name}-${id.replaceAll("_", "-")}`,
        alarm_actions: [TOPIC_ARN],
        ok_actions: [TOPIC_ARN],
      });
      // What is wrong, and what to do: two sentences at least.
      expect(alarm.alarm_description).toMatch(/^[A-Z].+\. [A-Z].+\.$/);
      expect(alarm.alarm_description).not.toMatch(/\b(aws|var|local)[._]/);
    },
  );

  it.each(alarms)(
    "%s takes silence of the database for a fault, and of an idle load balancer for none",
    (id, alarm) => {
      expect(alarm.treat_missing_data).toBe(id.startsWith("rds_") ? "missing" : "notBreaching");
    },
  );

  it("compare running tasks with the wanted ones, for a quarter of an hour", () => {
    const alarm = stack.resource(CloudwatchMetricAlarm, "running_below_desired");
    const metric = (id: string, metric_name: string) => ({
      id,
      metric: {
        namespace: "ECS/ContainerInsights",
        metric_name,
        dimensions: SERVICE,
        period: 60,
        stat: "Average",
      },
    });

    expect(alarm).toMatchObject({
      comparison_operator: "GreaterThanThreshold",
      threshold: 0,
      evaluation_periods: 15,
      datapoints_to_alarm: 15,
      metric_query: [
        { id: "missing", expression: "desired - running", return_data: true },
        metric("desired", "DesiredTaskCount"),
        metric("running", "RunningTaskCount"),
      ],
    });
  });

  describe("of the database grow with it", () => {
    const memory = dbMemoryGiB("var.db_instance_class");
    const alarm = (id: string) => stack.resource(CloudwatchMetricAlarm, id);

    it("storage: a twentieth free, but a GiB at least", () => {
      expect(alarm("rds_free_storage")).toMatchObject({
        metric_name: "FreeStorageSpace",
        dimensions: DATABASE,
        comparison_operator: "LessThanThreshold",
        threshold: `\${max(var.db_allocated_storage * ${2 ** 30 / 20}, ${2 ** 30})}`,
        datapoints_to_alarm: 1,
      });
    });

    it("memory: 8 percent free", () => {
      expect(alarm("rds_free_memory")).toMatchObject({
        metric_name: "FreeableMemory",
        dimensions: DATABASE,
        comparison_operator: "LessThanThreshold",
        threshold: `\${${memory} * 85899346}`,
        datapoints_to_alarm: 3,
      });
    });

    it("connections: four fifths of what the class allows, about 80 on a micro", () => {
      expect(alarm("rds_connections")).toMatchObject({
        metric_name: "DatabaseConnections",
        dimensions: DATABASE,
        comparison_operator: "GreaterThanThreshold",
        threshold: `\${floor(floor(min((${memory} * 0.95 - 0.2) * 112.653, 5000)) * 0.8)}`,
        datapoints_to_alarm: 2,
      });
    });

    it("credits: only burstable classes have them", () => {
      expect(alarm("rds_cpu_credits").count).toBe('${startswith(var.db_instance_class, "db.t") ? 1 : 0}');
    });
  });

  describe("topic", () => {
    it("takes messages from CloudWatch of this account alone", () => {
      const policy = stack.resource(SnsTopicPolicy);

      expect(stack.resource(SnsTopic).name).toBe("${var.app_name}-alarms");
      expect(policy.arn).toBe(TOPIC_ARN);
      expect(readHcl(policy.policy).Statement).toEqual([
        {
          Effect: "Allow",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Action: "sns:Publish",
          Resource: TOPIC_ARN,
          Condition: {
            StringEquals: { "aws:SourceAccount": "${data.aws_caller_identity.account.account_id}" },
          },
        },
      ]);
    });

    it("is mailed to the address of the variable, where there is one", () => {
      expect(stack.resource(SnsTopicSubscription)).toMatchObject({
        count: '${var.alarm_email != "" ? 1 : 0}',
        topic_arn: TOPIC_ARN,
        protocol: "email",
        endpoint: "${var.alarm_email}",
      });
    });
  });
});
