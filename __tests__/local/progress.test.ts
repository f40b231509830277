import { describe, expect, test } from "vitest";
import { describeNow, formatElapsed, progressLog } from "../../local/progress";
import type { Progress, RunningChange } from "../../local/terraform-events";

const change = (address: string, seconds = 3, action = "create"): RunningChange => ({
  address,
  action,
  seconds,
});

const progress = (overrides: Partial<Progress> = {}): Progress => ({
  event: "running",
  done: 34,
  total: 98,
  running: [],
  ...overrides,
});

describe("describeNow", () => {
  test("says how much is done, since when, and what is going on", () => {
    const running = [change("aws_lb.main", 35), change("aws_db_instance.main", 20, "update")];

    expect(describeNow(progress({ running }), 72)).toBe(
      "34/98 · 1:12 · creating aws_lb.main (35 s), updating aws_db_instance.main (20 s)",
    );
  });

  test("names three and counts the rest", () => {
    const running = ["a.a", "b.b", "c.c", "d.d", "e.e"].map((address) => change(address));

    expect(describeNow(progress({ running }), 5)).toMatch(/creating c\.c \(3 s\) and 2 more$/);
  });

  test("says that it is planning while the total is unknown", () => {
    expect(describeNow(progress({ done: 0, total: 0 }), 4)).toBe("planning · 0:04");
  });
});

describe("progressLog", () => {
  test("has a line for the plan and for every finished change", () => {
    const line = progressLog();

    expect(line(progress({ event: "planned" }), 5)).toBe("98 changes to make");
    expect(line(progress({ event: "completed", change: change("aws_vpc.main") }), 12)).toBe(
      "34/98 · 0:12 · created aws_vpc.main (3 s)",
    );
    expect(line(progress({ event: "failed", change: change("aws_lb.main") }), 13)).toBe(
      "34/98 · 0:13 · failed aws_lb.main (3 s)",
    );
  });

  test("says what is running when nothing was said for a while", () => {
    const line = progressLog(10);
    const running = [change("aws_lb.main", 9)];

    expect(line(progress({ event: "completed", change: change("aws_vpc.main") }), 12)).toBeDefined();
    expect(line(progress({ running }), 21)).toBeUndefined();
    expect(line(progress({ running }), 22)).toBe("34/98 · 0:22 · creating aws_lb.main (9 s)");
    expect(line(progress({ running }), 23)).toBeUndefined();
  });
});

test.each([
  [0, "0:00"],
  [59.9, "0:59"],
  [65, "1:05"],
  [600, "10:00"],
])("formatElapsed gives %s s as %s", (seconds, text) => {
  expect(formatElapsed(seconds)).toBe(text);
});
