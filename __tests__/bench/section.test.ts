import { describe, expect, it } from "vitest";
import type { ApplyResults } from "../../bench/deployment/apply-results";
import type { PlanComparison } from "../../bench/deployment/plan-comparison";
import { deploymentSection } from "../../bench/deployment/section";

function comparison(median: number, ratio: number): PlanComparison {
  const contender = { resources: 50, requests: 120, samples: [1, 2, 3], perResource: median / 50 };
  return {
    contenders: [
      { ...contender, name: "this project", median },
      { ...contender, name: "the older stack", median: median / ratio, perResource: median / ratio / 50 },
    ],
    ratio,
  };
}

const step = (address: string, start: number, end: number, waited: number) => ({
  address,
  start,
  end,
  waited,
});

const apply: ApplyResults = {
  resources: 73,
  command: 120,
  before: 16,
  wall: 103.5,
  after: 0.5,
  criticalPath: {
    steps: [step("aws_vpc.main", 0.5, 12, 0.5), step("aws_db_instance.postgres", 12, 92, 0)],
    seconds: 101,
  },
  ratio: 103.5 / 101,
  allowedParallelism: 10,
  parallelism: { most: 9, mean: 2.5 },
  steps: [step("aws_vpc.main", 0.5, 12, 0.5), step("aws_iam_role.late", 2, 3, 2)],
};

const section = deploymentSection({
  plan: { first: comparison(4, 0.8), deployed: comparison(5, 0.9) },
  apply,
});

describe("the chapters on plan and apply", () => {
  it("compare the plans, and name the target", () => {
    expect(section).toContain("| with everything deployed | this project | 50 | 120 | 5.00 | 100 |");
    expect(section).toContain(
      "**0.80 ×** the older stack's time with nothing deployed, and **0.90 ×** with everything deployed. 1.15 ×",
    );
    expect(section).toContain("medians of 3 runs");
    expect(section).toContain(
      "2.40 for each resource of this project, and 2.40 for each resource of the older stack.",
    );
  });

  it("show the critical path of the run, and what was late", () => {
    expect(section).toContain(
      "73 resources took 103.5 s, and their critical path 101.0 s: **1.025 ×**. 1.05 × is the most",
    );
    expect(section).toContain("| 12.0 | 80.0 | 0.0 | `aws_db_instance.postgres` |");
    expect(section).toContain(
      "All that they need was there more than 0.5 s before the start of 1 of them. `aws_iam_role.late` waited longest: 2.0 s.",
    );
  });

  it("give a source for every figure about AWS", () => {
    const onAws = section.slice(section.indexOf("## What you wait for on AWS"));
    const withoutLinks = onAws.replace(/\[[^\]]*\]\([^)]*\)/g, "");

    // What is left are the defaults of variables of this project, and a year.
    expect(withoutLinks.match(/\d+ (?:seconds|minutes)|\d{4}/g)).toEqual([
      "2020",
      "30 seconds",
      "300 seconds",
      "300 seconds",
    ]);
  });
});
