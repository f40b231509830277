import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { planDigest, type PlanJson } from "../../ci/plan";
import { summary } from "../../ci/summary";

/** What Terraform 1.11.4 and AWS provider 5.100.0 printed for a small configuration in an emulator. */
const recorded = read();

describe("summary", () => {
  it("says how much changes, what is lost first, and why", () => {
    const text = summary(recorded);

    expect(text.split("\n").slice(0, 8).join("\n")).toBe(
      [
        "### Plan: 1 to add, 3 to change, 1 to replace, 1 to forget",
        "",
        "**Read this first: what is replaced or destroyed loses what it holds.**",
        "",
        "| Resource | Action | Attributes |",
        "| --- | --- | --- |",
        "| **`aws_sns_topic.alarms`** | **replace** | because of `name`; was `aws_sns_topic.alarms[0]` |",
        "| **`aws_sns_topic.gone[0]`** | **forget** |  |",
      ].join("\n"),
    );
  });

  it("names the attributes that change in place", () => {
    expect(summary(recorded)).toContain(
      "| `aws_cloudwatch_log_group.logs` | update | `retention_in_days`, `tags`, `tags_all` |",
    );
  });

  it("says where something had another address", () => {
    expect(summary(recorded)).toContain("was `aws_cloudwatch_log_group.old[0]`");
  });

  it("names outputs, and what was changed outside of Terraform", () => {
    const text = summary(recorded);

    expect(text).toContain("Outputs that change: `address`");
    expect(text).toContain("<summary>3 changed outside of Terraform</summary>");
  });

  it("keeps an address with a pipe inside its column", () => {
    expect(summary(recorded)).toContain('| `aws_ecr_repository.made["a\\|b"]` | create |  |');
  });

  it("shows no value: neither secrets nor others", () => {
    expect(JSON.stringify(recorded)).toContain("hunter2");
    for (const value of ["hunter2", "step-2.example.com", "alerts", "14"]) {
      expect(summary(recorded)).not.toContain(value);
    }
  });

  it("closes with what it is given", () => {
    expect(summary(recorded, { appendix: "### Cost\n\n$ 1\n" })).toMatch(/### Cost\n\n\$ 1$/);
  });

  it("fits into a comment", () => {
    const many = {
      resource_changes: Array.from({ length: 2000 }, (_, index) => ({
        address: `aws_sns_topic.topic[${index}]`,
        change: { actions: ["create"], after: {} },
      })),
    };
    const text = summary(many);

    expect(text.length).toBeLessThanOrEqual(65_536);
    expect(text).toMatch(/^### Plan: 2000 to add/);
    expect(text).toMatch(/see the log of the job\.$/);
  });

  it("says when there is nothing to do", () => {
    const idle = {
      resource_changes: [{ address: "aws_vpc.a", change: { actions: ["no-op"] } }],
      output_changes: { a: { actions: ["no-op"] } },
    };

    expect(summary(idle)).toBe("### Plan: nothing to change");
  });

  it("calls a removal by its name", () => {
    expect(
      summary({ resource_changes: [{ address: "aws_vpc.a", change: { actions: ["delete"] } }] }),
    ).toContain("### Plan: 1 to destroy");
  });
});

describe("planDigest", () => {
  it("is the same for a plan that is made again", () => {
    expect(planDigest(read())).toBe(planDigest(recorded));
  });

  it("ignores what AWS changes by itself", () => {
    const database = (time: string): PlanJson => ({
      resource_changes: [
        {
          address: "aws_db_instance.postgres",
          change: {
            actions: ["update"],
            before: { latest_restorable_time: time, multi_az: false },
            after: { latest_restorable_time: time, multi_az: true },
          },
        },
      ],
    });

    expect(planDigest(database("10:00"))).toBe(planDigest(database("10:05")));
  });

  it.each<[string, (plan: Mutable) => void]>([
    [
      "another value",
      (plan) => Object.assign(change(plan, "aws_cloudwatch_log_group.logs").after, { retention_in_days: 1 }),
    ],
    ["one change less", (plan) => void plan.resource_changes.pop()],
    [
      "a replacement instead of an update",
      (plan) => void (change(plan, "aws_cloudwatch_log_group.logs").actions = ["delete", "create"]),
    ],
    ["another output", (plan) => Object.assign(plan.output_changes.address ?? {}, { after: "elsewhere" })],
  ])("differs for %s", (_, alter) => {
    const plan = read() as Mutable;
    alter(plan);

    expect(planDigest(plan)).not.toBe(planDigest(recorded));
  });
});

interface Mutable {
  resource_changes: { address: string; change: { actions: string[]; after: object } }[];
  output_changes: Record<string, { actions: string[] }>;
}

function change(plan: Mutable, address: string) {
  const found = plan.resource_changes.find((resource) => resource.address === address);
  if (!found) throw new Error(`the fixture has no ${address}`);
  return found.change;
}

function read(): PlanJson {
  return JSON.parse(readFileSync(join(import.meta.dirname, "../fixtures/plan.json"), "utf8")) as PlanJson;
}
