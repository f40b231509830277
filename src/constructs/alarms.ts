import {
  CloudwatchMetricAlarm,
  type CloudwatchMetricAlarmConfig,
} from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { Token } from "cdktf";
import { Construct } from "constructs";
import { countIf, expression } from "../lib/expression";
import { dbMaxConnections, dbMemoryGiB } from "../lib/db-memory";
import { policyDocument } from "../lib/policy-document";
import type { BackendService } from "./backend-service";
import type { Database } from "./database";
import type { LoadBalancer } from "./load-balancer";

export interface AlarmsProps {
  readonly appName: string;
  readonly accountId: string;
  readonly loadBalancer: LoadBalancer;
  readonly service: BackendService;
  readonly database: Database;
  readonly databaseInstanceClass: string;
  /** GiB. */
  readonly databaseAllocatedStorage: number;
  /** Address that alarms are mailed to, or empty. */
  readonly email: string;
}

type Alarm = Omit<CloudwatchMetricAlarmConfig, "alarmName" | "alarmActions" | "okActions">;

const GIB = 1024 ** 3;
const MINUTE = 60;

/**
 * What should wake somebody up, each alarm with a description that says what to look at first.
 * All go to one SNS topic, when they start and when they end.
 */
export class Alarms extends Construct {
  public readonly topicArn: string;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { appName } = props;

    const topic = new SnsTopic(this, "alarms", { name: `${appName}-alarms` });
    this.topicArn = topic.arn;
    new SnsTopicPolicy(this, "alarms_from_cloudwatch", {
      arn: topic.arn,
      policy: policyDocument({
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: topic.arn,
        Condition: { StringEquals: { "aws:SourceAccount": props.accountId } },
      }),
    });
    new SnsTopicSubscription(this, "alarm_email", {
      count: countIf(this, expression(this, `${props.email} != ""`)),
      topicArn: topic.arn,
      protocol: "email",
      endpoint: props.email,
    });

    const alarms = {
      ...this.loadBalancerAlarms(props),
      ...this.serviceAlarms(props),
      ...this.databaseAlarms(props),
    };
    for (const [name, alarm] of Object.entries(alarms)) {
      new CloudwatchMetricAlarm(this, name, {
        ...alarm,
        alarmName: `${appName}-${name.replaceAll("_", "-")}`,
        alarmActions: [topic.arn],
        okActions: [topic.arn],
      });
    }
  }

  private loadBalancerAlarms({ loadBalancer }: AlarmsProps): Record<string, Alarm> {
    const metric = {
      namespace: "AWS/ApplicationELB",
      dimensions: { LoadBalancer: loadBalancer.arnSuffix },
      treatMissingData: "notBreaching",
    };
    const targetMetric = {
      ...metric,
      dimensions: { ...metric.dimensions, TargetGroup: loadBalancer.targetGroupArnSuffix },
    };
    return {
      target_5xx: {
        ...targetMetric,
        metricName: "HTTPCode_Target_5XX_Count",
        alarmDescription: "The application answers with server errors. Look at its log.",
        statistic: "Sum",
        ...above(10, { period: MINUTE, evaluationPeriods: 5, datapointsToAlarm: 3 }),
      },
      load_balancer_5xx: {
        ...metric,
        metricName: "HTTPCode_ELB_5XX_Count",
        alarmDescription:
          "The load balancer finds no task that answers. Look at the service's events and targets.",
        statistic: "Sum",
        ...above(10, { period: MINUTE, evaluationPeriods: 5, datapointsToAlarm: 3 }),
      },
      unhealthy_hosts: {
        ...targetMetric,
        metricName: "UnHealthyHostCount",
        alarmDescription:
          "Tasks fail the health check. Look at the target group's reasons and the application's log.",
        statistic: "Maximum",
        ...above(0, { period: MINUTE, evaluationPeriods: 5, datapointsToAlarm: 5 }),
      },
      latency_p95: {
        ...targetMetric,
        metricName: "TargetResponseTime",
        alarmDescription:
          "One request in twenty takes longer than 2 seconds. Look at CPU, and at the database's slow statements.",
        extendedStatistic: "p95",
        ...above(2, { period: MINUTE, evaluationPeriods: 15, datapointsToAlarm: 10 }),
      },
    };
  }

  private serviceAlarms({ service }: AlarmsProps): Record<string, Alarm> {
    const dimensions = { ClusterName: service.clusterName, ServiceName: service.serviceName };
    const count = (id: string, metricName: string) => ({
      id,
      metric: { namespace: "ECS/ContainerInsights", metricName, dimensions, period: MINUTE, stat: "Average" },
    });
    const utilization = {
      namespace: "AWS/ECS",
      dimensions,
      statistic: "Average",
      treatMissingData: "notBreaching",
    };
    return {
      running_below_desired: {
        alarmDescription: "Fewer tasks run than should. Look at the service's events and at stopped tasks.",
        metricQuery: [
          { id: "missing", expression: "desired - running", label: "Missing tasks", returnData: true },
          count("desired", "DesiredTaskCount"),
          count("running", "RunningTaskCount"),
        ],
        treatMissingData: "notBreaching",
        ...above(0, { evaluationPeriods: 15, datapointsToAlarm: 15 }),
      },
      ecs_cpu: {
        ...utilization,
        metricName: "CPUUtilization",
        alarmDescription:
          "Tasks are short of CPU although autoscaling adds some. Raise backend_max_count or backend_cpu.",
        ...above(90, { period: MINUTE, evaluationPeriods: 15, datapointsToAlarm: 15 }),
      },
      ecs_memory: {
        ...utilization,
        metricName: "MemoryUtilization",
        alarmDescription:
          "Tasks are about to run out of memory, and ECS would then stop them. Raise backend_memory.",
        ...above(90, { period: MINUTE, evaluationPeriods: 5, datapointsToAlarm: 5 }),
      },
    };
  }

  private databaseAlarms(props: AlarmsProps): Record<string, Alarm> {
    const metric = {
      namespace: "AWS/RDS",
      dimensions: { DBInstanceIdentifier: props.database.identifier },
      statistic: "Average",
      treatMissingData: "missing",
      period: 5 * MINUTE,
    };
    const memory = dbMemoryGiB(props.databaseInstanceClass);
    const computed = (text: string) => Token.asNumber(expression(this, text));
    return {
      rds_cpu: {
        ...metric,
        metricName: "CPUUtilization",
        alarmDescription:
          "The database is short of CPU. Look at Performance Insights, or raise db_instance_class.",
        ...above(80, { evaluationPeriods: 3, datapointsToAlarm: 3 }),
      },
      rds_free_storage: {
        ...metric,
        metricName: "FreeStorageSpace",
        alarmDescription:
          "Less free storage than a twentieth of db_allocated_storage. A full disk stops the database. Raise db_max_allocated_storage or db_allocated_storage.",
        ...below(computed(`max(${props.databaseAllocatedStorage} * ${GIB / 20}, ${GIB})`), {
          evaluationPeriods: 1,
          datapointsToAlarm: 1,
        }),
      },
      rds_free_memory: {
        ...metric,
        metricName: "FreeableMemory",
        alarmDescription:
          "The database is short of memory. Lower the number of connections, or raise db_instance_class.",
        ...below(computed(`${memory} * ${Math.round(GIB * 0.08)}`), {
          evaluationPeriods: 3,
          datapointsToAlarm: 3,
        }),
      },
      rds_connections: {
        ...metric,
        metricName: "DatabaseConnections",
        alarmDescription:
          "Four fifths of the connections that the instance class allows are open. Lower database_pool_size or database_max_overflow, or raise db_instance_class.",
        ...above(computed(`floor(${dbMaxConnections(props.databaseInstanceClass)} * 0.8)`), {
          evaluationPeriods: 2,
          datapointsToAlarm: 2,
        }),
      },
      rds_cpu_credits: {
        ...metric,
        count: countIf(this, expression(this, `startswith(${props.databaseInstanceClass}, "db.t")`)),
        metricName: "CPUCreditBalance",
        alarmDescription:
          "The burstable instance has used up its CPU credits: it is slowed down, or billed for more. Use a larger class, or one that is not burstable.",
        // A new instance earns its first ten credits within the hour.
        ...below(10, { evaluationPeriods: 12, datapointsToAlarm: 12 }),
      },
    };
  }
}

/** How long it must last: `datapointsToAlarm` of the last `evaluationPeriods`, each of `period` seconds. */
interface Duration {
  readonly period?: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
}

function above(threshold: number, duration: Duration) {
  return { comparisonOperator: "GreaterThanThreshold", threshold, ...duration };
}

function below(threshold: number, duration: Duration) {
  return { comparisonOperator: "LessThanThreshold", threshold, ...duration };
}
