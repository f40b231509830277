import { CloudwatchDashboard } from "@cdktf/provider-aws/lib/cloudwatch-dashboard";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import type { BackendService } from "./backend-service";
import type { Database } from "./database";
import type { LoadBalancer } from "./load-balancer";
import type { WebAcl } from "./web-acl";

export interface DashboardProps {
  readonly appName: string;
  readonly region: string;
  readonly loadBalancer: LoadBalancer;
  readonly webAcl: WebAcl;
  readonly service: BackendService;
  readonly database: Database;
}

/** A metric as a dashboard lists it: namespace, name, dimensions, and how to draw it. */
type Metric = readonly (string | Readonly<Record<string, string | number>>)[];

const COLUMN_WIDTH = 8;
const ROW_HEIGHT = 6;

/**
 * One page for whoever is on call, from the outside in: what users feel, then the tasks, then the
 * database, then the last errors of the log.
 */
export class Dashboard extends Construct {
  public readonly dashboardName: string;

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const { loadBalancer, webAcl, service, database, region } = props;

    const balancer = ["LoadBalancer", loadBalancer.arnSuffix];
    const targets = ["TargetGroup", loadBalancer.targetGroupArnSuffix, ...balancer];
    const tasks = ["ClusterName", service.clusterName, "ServiceName", service.serviceName];
    const firewall = ["Region", region, "Rule", "ALL", "WebACL", webAcl.metricName];
    const instance = ["DBInstanceIdentifier", database.identifier];

    const graph = (row: number, column: number, title: string, stat: string, metrics: readonly Metric[]) => ({
      type: "metric",
      x: column * COLUMN_WIDTH,
      y: row * ROW_HEIGHT,
      width: COLUMN_WIDTH,
      height: ROW_HEIGHT,
      properties: {
        title,
        region,
        stat,
        metrics,
        period: 60,
        view: "timeSeries",
        yAxis: { left: { min: 0 } },
      },
    });
    const alb = "AWS/ApplicationELB";
    const insights = "ECS/ContainerInsights";

    const dashboard = new CloudwatchDashboard(this, "operations", {
      dashboardName: `${props.appName}-operations`,
      dashboardBody: Fn.jsonencode({
        widgets: [
          graph(0, 0, "Requests a minute", "Sum", [[alb, "RequestCount", ...balancer]]),
          graph(0, 1, "Errors a minute", "Sum", [
            [alb, "HTTPCode_Target_5XX_Count", ...targets, { label: "application 5xx", color: "#d62728" }],
            [alb, "HTTPCode_ELB_5XX_Count", ...balancer, { label: "load balancer 5xx", color: "#ff7f0e" }],
            [alb, "HTTPCode_Target_4XX_Count", ...targets, { label: "application 4xx", color: "#7f7f7f" }],
            ["AWS/WAFV2", "BlockedRequests", ...firewall, { label: "firewall 403", color: "#9467bd" }],
          ]),
          graph(0, 2, "Response time (s)", "Average", [
            [alb, "TargetResponseTime", ...targets, { stat: "p50", label: "p50" }],
            [alb, "TargetResponseTime", ...targets, { stat: "p95", label: "p95" }],
            [alb, "TargetResponseTime", ...targets, { stat: "p99", label: "p99" }],
          ]),
          graph(1, 0, "Tasks", "Average", [
            [insights, "DesiredTaskCount", ...tasks, { label: "desired" }],
            [insights, "RunningTaskCount", ...tasks, { label: "running" }],
            [alb, "HealthyHostCount", ...targets, { label: "healthy", stat: "Minimum" }],
          ]),
          graph(1, 1, "Task CPU and memory (%)", "Average", [
            ["AWS/ECS", "CPUUtilization", ...tasks, { label: "CPU" }],
            ["AWS/ECS", "MemoryUtilization", ...tasks, { label: "memory" }],
          ]),
          graph(1, 2, "Requests a minute to each task", "Sum", [
            [alb, "RequestCountPerTarget", "TargetGroup", loadBalancer.targetGroupArnSuffix],
          ]),
          graph(2, 0, "Database CPU (%) and connections", "Average", [
            ["AWS/RDS", "CPUUtilization", ...instance, { label: "CPU" }],
            ["AWS/RDS", "DatabaseConnections", ...instance, { label: "connections", yAxis: "right" }],
          ]),
          graph(2, 1, "Database memory and storage (bytes free)", "Average", [
            ["AWS/RDS", "FreeableMemory", ...instance, { label: "memory" }],
            ["AWS/RDS", "FreeStorageSpace", ...instance, { label: "storage", yAxis: "right" }],
          ]),
          graph(2, 2, "Database latency (s)", "Average", [
            ["AWS/RDS", "ReadLatency", ...instance, { label: "read" }],
            ["AWS/RDS", "WriteLatency", ...instance, { label: "write" }],
          ]),
          {
            type: "log",
            x: 0,
            y: 3 * ROW_HEIGHT,
            width: 3 * COLUMN_WIDTH,
            height: ROW_HEIGHT,
            properties: {
              title: "Last errors of the application",
              region,
              view: "table",
              query: `SOURCE '${service.logGroupName}' | fields @timestamp, @message | filter @message like /(?i)error|exception|critical/ | sort @timestamp desc | limit 50`,
            },
          },
        ],
      }),
    });
    this.dashboardName = dashboard.dashboardName;
  }
}
