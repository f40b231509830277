import { describe, expect, test } from "vitest";
import { describeDiagnostic, TerraformEvents } from "../../local/terraform-events";

const line = (event: object) => JSON.stringify({ "@level": "info", ...event });

const hook = (type: string, addr: string, action = "create") =>
  line({ type, hook: { resource: { addr }, action } });

const planned = (add: number, change = 0, remove = 0) =>
  line({ type: "change_summary", changes: { add, change, remove, operation: "plan" } });

describe("TerraformEvents", () => {
  test("counts what is planned, and what is done of it", () => {
    const events = new TerraformEvents();

    expect(events.add(planned(3, 2, 1))).toMatchObject({ event: "planned", done: 0, total: 6 });
    events.add(hook("apply_start", "aws_vpc.main"));
    expect(events.add(hook("apply_complete", "aws_vpc.main"))).toMatchObject({
      event: "completed",
      change: { address: "aws_vpc.main", action: "create" },
      done: 1,
      total: 6,
      running: [],
    });
  });

  test("collects what a plan changes, not what it reads, moves or leaves alone", () => {
    const events = new TerraformEvents();
    const change = (addr: string, action: string) =>
      events.add(line({ type: "planned_change", change: { resource: { addr }, action } }));
    for (const action of ["create", "read", "move", "noop", "replace", "remove"])
      change(`aws_x.${action}`, action);
    events.add(line({ type: "outputs", outputs: { same: { action: "noop" }, new: { action: "create" } } }));

    expect(events.planned).toEqual([
      { address: "aws_x.create", action: "create" },
      { address: "aws_x.replace", action: "replace" },
      { address: "aws_x.remove", action: "remove" },
    ]);
    expect(events.outputChanges).toEqual(["new"]);
  });

  test("the outputs of an apply, which have no action, are no changes", () => {
    const events = new TerraformEvents();
    events.add(line({ type: "outputs", outputs: { vpc_id: { value: "vpc-1", sensitive: false } } }));

    expect(events.outputChanges).toEqual([]);
  });

  test("knows what is running, oldest first, and for how long", () => {
    let now = 0;
    const events = new TerraformEvents(() => now);
    events.add(hook("apply_start", "aws_lb.main"));
    now = 4_000;
    events.add(hook("apply_start", "aws_db_instance.main", "update"));
    now = 10_000;

    expect(events.add(hook("apply_progress", "aws_lb.main"))).toEqual({
      event: "running",
      change: { address: "aws_lb.main", action: "create", seconds: 10 },
      done: 0,
      total: 0,
      running: [
        { address: "aws_lb.main", action: "create", seconds: 10 },
        { address: "aws_db_instance.main", action: "update", seconds: 6 },
      ],
    });
  });

  test("a failed change is over, but not done", () => {
    const events = new TerraformEvents();
    events.add(planned(1));
    events.add(hook("apply_start", "aws_lb.main"));

    expect(events.add(hook("apply_errored", "aws_lb.main"))).toMatchObject({
      event: "failed",
      done: 0,
      running: [],
    });
  });

  test("a data source that is read during the apply is no change", () => {
    const events = new TerraformEvents();

    expect(events.add(hook("apply_start", "data.aws_region.current", "read"))).toBeUndefined();
    expect(events.add(hook("apply_complete", "data.aws_region.current", "read"))).toBeUndefined();
  });

  test("the summary at the end does not change the total", () => {
    const events = new TerraformEvents();
    events.add(planned(2));

    events.add(
      line({ type: "change_summary", changes: { add: 0, change: 0, remove: 0, operation: "apply" } }),
    );

    expect(events.add(hook("apply_start", "aws_vpc.main"))).toMatchObject({ total: 2 });
  });

  test("collects diagnostics in Terraform's own words", () => {
    const events = new TerraformEvents();
    const diagnostic = {
      severity: "error",
      summary: "Invalid value",
      detail: "Use dev.",
      address: "var.environment",
    };

    events.add(line({ type: "diagnostic", diagnostic: { ...diagnostic, snippet: { code: "…" } } }));

    expect(events.diagnostics).toEqual([diagnostic]);
  });

  test.each(["", "Terraform has crashed", '{"type":"version"}', '{"@message":"no type"}', "null"])(
    "passes over %j",
    (text) => {
      const events = new TerraformEvents();

      expect(events.add(text)).toBeUndefined();
      expect(events.diagnostics).toEqual([]);
    },
  );
});

describe("describeDiagnostic", () => {
  test("leaves out what is not there", () => {
    expect(describeDiagnostic({ severity: "warning", summary: "Deprecated", detail: "" })).toBe(
      "Warning: Deprecated",
    );
  });
});
