import { describe, expect, it } from "vitest";
import { applyReport } from "../../bench/deployment/apply-report";
import { analyseApply } from "../../bench/deployment/apply-results";
import { parseGraph } from "../../bench/deployment/dependency-graph";
import { readTimings } from "../../bench/deployment/timings";

const START = Date.parse("2026-11-26T12:00:00.000Z");

/** A line of `terraform apply -json`, `seconds` after the start of the command. */
function line(seconds: number, type: string, addr: string, action = "create"): string {
  const timestamp = new Date(START + seconds * 1000).toISOString();
  return JSON.stringify({ "@timestamp": timestamp, type, hook: { resource: { addr }, action } });
}

const EPHEMERAL = "ephemeral.aws_secretsmanager_secret_version.stored";
const LINES = [
  "Terraform says something before it speaks JSON",
  JSON.stringify({ "@timestamp": new Date(START).toISOString(), type: "version" }),
  line(3, "apply_start", "aws_vpc.main"),
  line(5, "apply_progress", "aws_vpc.main"),
  line(13, "apply_complete", "aws_vpc.main"),
  line(13, "apply_start", "aws_db_instance.postgres"),
  line(93, "apply_complete", "aws_db_instance.postgres"),
  line(94, "ephemeral_op_start", EPHEMERAL, "open"),
  line(94.5, "ephemeral_op_complete", EPHEMERAL, "open"),
  line(99, "ephemeral_op_start", EPHEMERAL, "close"),
  line(99.5, "ephemeral_op_complete", EPHEMERAL, "close"),
];

describe("readTimings", () => {
  it("takes start and end from the timestamps, in seconds since the first resource was begun", () => {
    expect(readTimings(LINES)).toEqual({
      begin: START + 3000,
      timings: [
        { address: "aws_vpc.main", start: 0, end: 10 },
        { address: "aws_db_instance.postgres", start: 10, end: 90 },
        // Not until it is closed: by then nobody waits for it.
        { address: EPHEMERAL, start: 91, end: 91.5 },
      ],
    });
  });

  it("says so when nothing was applied", () => {
    expect(() => readTimings(LINES.slice(0, 2))).toThrow("nothing was applied");
  });
});

describe("analyseApply", () => {
  const results = analyseApply({
    graph: parseGraph(
      [
        '"[root] aws_db_instance.postgres" -> "[root] aws_vpc.main"',
        `"[root] ${EPHEMERAL} (expand)" -> "[root] aws_db_instance.postgres"`,
      ].join("\n"),
    ),
    lines: LINES,
    command: { started: START, ended: START + 100_000 },
    parallelism: 10,
  });

  it("divides the time of the command", () => {
    expect(results).toMatchObject({ command: 100, before: 3, wall: 91.5, after: 5.5, resources: 2 });
  });

  it("compares the resources with their critical path", () => {
    expect(results.criticalPath.seconds).toBe(90.5);
    expect(results.ratio).toBeCloseTo(91.5 / 90.5);
  });

  it("is shown with a bar for each step, and with what was late", () => {
    const report = applyReport(results);

    expect(report).toContain("2 resources in 100.0 s: 3.0 s until the first one is begun");
    expect(report).toContain("Critical path: 90.5 s. The resources took 1.011 times as long (at most 1.05).");
    expect(report).toMatch(/^ +10\.00 +80\.00 +0\.00 {2}aws_db_instance\.postgres +█+$/m);
    expect(report).toMatch(/Begun more than 0\.5 s after .*\n +1\.0 s {2}ephemeral/);
  });
});
