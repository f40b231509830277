import { CloudwatchDashboard } from "@cdktf/provider-aws/lib/cloudwatch-dashboard";
import { describe, expect, it } from "vitest";
import { readHcl } from "../helpers/hcl";
import { type Block, wholeStack } from "../helpers/synth";

const dashboard = wholeStack().resource(CloudwatchDashboard);
const widgets: Block[] = readHcl(dashboard.dashboard_body).widgets;
const graphs = widgets.filter(({ type }) => type === "metric");

/** The dimensions that a metric of each namespace may have here, as AWS publishes them. */
const BALANCER = { LoadBalancer: "${aws_lb.app_lb.arn_suffix}" };
const GROUP = { TargetGroup: "${aws_lb_target_group.backend_tg.arn_suffix}" };
const SERVICE = {
  ClusterName: "${aws_ecs_cluster.app_cluster.name}",
  ServiceName: "${aws_ecs_service.backend_service.name}",
};
const DIMENSIONS: Record<string, Block[]> = {
  "AWS/ApplicationELB": [BALANCER, GROUP, { ...GROUP, ...BALANCER }],
  "AWS/ECS": [SERVICE],
  "ECS/ContainerInsights": [SERVICE],
  "AWS/WAFV2": [{ Region: "${var.aws_region}", Rule: "ALL", WebACL: "${var.app_name}-web-acl" }],
  "AWS/RDS": [{ DBInstanceIdentifier: "${var.app_name}-postgres" }],
};

describe("Dashboard", () => {
  it("has the name that its address has", () => {
    expect(dashboard.dashboard_name).toBe("${var.app_name}-operations");
    expect(wholeStack().json.output.dashboard_url.value).toMatch(
      /^https:\/\/\$\{var\.aws_region\}\.\$\{lookup\(.*\)\}\/cloudwatch\/home\?region=\$\{var\.aws_region\}#dashboards\/dashboard\/\$\{aws_cloudwatch_dashboard\.operations\.dashboard_name\}$/,
    );
  });

  it("shows, from the outside in, users, tasks, the database, and the last errors", () => {
    expect(widgets.map(({ properties }) => properties.title)).toEqual([
      "Requests a minute",
      "Errors a minute",
      "Response time (s)",
      "Tasks",
      "Task CPU and memory (%)",
      "Requests a minute to each task",
      "Database CPU (%) and connections",
      "Database memory and storage (bytes free)",
      "Database latency (s)",
      "Last errors of the application",
    ]);
  });

  it("lays its widgets side by side, none over another, on the 24 columns of CloudWatch", () => {
    const cells = widgets.flatMap(({ x, y, width, height }) =>
      Array.from({ length: width * height }, (_, i) => `${x + (i % width)},${y + Math.floor(i / width)}`),
    );

    expect(new Set(cells).size).toBe(cells.length);
    expect(cells.length).toBe(24 * 24);
    expect(Math.max(...widgets.map(({ x, width }) => x + width))).toBe(24);
  });

  it.each(graphs)("draws $properties.title from metrics of this deployment", ({ properties }) => {
    expect(properties).toMatchObject({ region: "${var.aws_region}", period: 60, view: "timeSeries" });
    for (const metric of properties.metrics) {
      const [namespace, , ...rest] = metric.filter((part: unknown) => typeof part === "string");
      const dimensions = Object.fromEntries(
        rest.flatMap((name: string, i: number) => (i % 2 ? [] : [[name, rest[i + 1]]])),
      );

      expect(DIMENSIONS[namespace]).toContainEqual(dimensions);
    }
  });

  it.each([
    ["Requests a minute", "Sum", ["RequestCount"]],
    [
      "Errors a minute",
      "Sum",
      ["HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count", "HTTPCode_Target_4XX_Count", "BlockedRequests"],
    ],
    ["Tasks", "Average", ["DesiredTaskCount", "RunningTaskCount", "HealthyHostCount"]],
    ["Task CPU and memory (%)", "Average", ["CPUUtilization", "MemoryUtilization"]],
    ["Requests a minute to each task", "Sum", ["RequestCountPerTarget"]],
    ["Database CPU (%) and connections", "Average", ["CPUUtilization", "DatabaseConnections"]],
    ["Database memory and storage (bytes free)", "Average", ["FreeableMemory", "FreeStorageSpace"]],
    ["Database latency (s)", "Average", ["ReadLatency", "WriteLatency"]],
  ])("draws %s as %s", (title, stat, names) => {
    const graph = graphs.find(({ properties }) => properties.title === title);

    expect(graph?.properties.stat).toBe(stat);
    expect(graph?.properties.metrics.map((metric: string[]) => metric[1])).toEqual(names);
  });

  it("draws response times as percentiles, because an average hides the slow ones", () => {
    const graph = graphs.find(({ properties }) => properties.title === "Response time (s)");

    expect(graph?.properties.metrics.map((metric: Block[]) => metric.at(-1)?.stat)).toEqual([
      "p50",
      "p95",
      "p99",
    ]);
  });

  it("looks for errors in the log of the application", () => {
    const log = widgets.find(({ type }) => type === "log");

    expect(log?.properties).toMatchObject({ region: "${var.aws_region}", view: "table" });
    expect(log?.properties.query).toMatch(/^SOURCE '\$\{aws_cloudwatch_log_group\.ecs_logs\.name\}' \|/);
  });
});
