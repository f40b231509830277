import { describe, expect, it } from "vitest";
import { comparePlans, planTable } from "../../bench/deployment/plan-comparison";

const run = (seconds: number, resources: number, requests: number) => ({ seconds, resources, requests });

const comparison = comparePlans(
  new Map([
    ["this project", [run(9, 80, 160), run(8, 80, 160), run(30, 80, 160)]],
    ["the older stack", [run(4, 40, 100), run(5, 40, 100), run(6, 40, 100), run(5, 40, 100)]],
  ]),
);

describe("comparePlans", () => {
  it("takes the median of each, so that one slow run does not count", () => {
    expect(comparison.contenders).toEqual([
      {
        name: "this project",
        resources: 80,
        requests: 160,
        samples: [9, 8, 30],
        median: 9,
        perResource: 9 / 80,
      },
      {
        name: "the older stack",
        resources: 40,
        requests: 100,
        samples: [4, 5, 6, 5],
        median: 5,
        perResource: 5 / 40,
      },
    ]);
  });

  it("compares the time per resource", () => {
    expect(comparison.ratio).toBeCloseTo(0.9);
  });

  it("is shown in a table", () => {
    const table = planTable({ first: comparison, deployed: comparison });

    expect(table).toMatch(/with everything deployed .* this project .* 80 .* 160 .* 9\.00 .* 113 .* 0\.90/);
  });
});
