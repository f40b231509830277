import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applyMeasured } from "../../bench/deployment/apply";
import { stepFor } from "../../ops/quiet-step";
import { Terraform } from "../../local/terraform";

// What only the real Terraform can show: that its graph and its events are read as it writes them. Without the
// AWS provider, whose resources would take minutes: what takes a second here is a shell.

/** A resource that takes a second, after those that it depends on. */
function second(...dependsOn: string[]) {
  return { depends_on: dependsOn, provisioner: [{ "local-exec": [{ command: "sleep 1" }] }] };
}

const CONFIGURATION = {
  resource: {
    terraform_data: {
      network: second(),
      database: second("terraform_data.network"),
      // Through a local, which takes no time.
      service: { ...second(), input: "${local.database}" },
      repositories: { ...second(), count: 3 },
    },
  },
  locals: { database: "${terraform_data.database.id}" },
};

let directory: string;
let terraform: Terraform;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "bench-apply-"));
  await writeFile(path.join(directory, "main.tf.json"), JSON.stringify(CONFIGURATION));
  terraform = new Terraform({ directory, endpoint: "http://127.0.0.1:1" });
  await terraform.run(["init"]);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

describe("a measured apply", () => {
  it("finds the critical path, and what ran beside it", async () => {
    const results = await applyMeasured({
      terraform,
      values: {},
      parallelism: 10,
      step: stepFor({ json: true }),
    });

    expect(results.criticalPath.steps.map(({ address }) => address)).toEqual([
      "terraform_data.network",
      "terraform_data.database",
      "terraform_data.service",
    ]);
    expect(results.criticalPath.seconds).toBeGreaterThan(3);
    expect(results).toMatchObject({ resources: 6, allowedParallelism: 10 });
    expect(results.parallelism.most).toBeGreaterThan(1);
    expect(results.wall).toBeGreaterThanOrEqual(results.criticalPath.seconds);
    expect(results.command).toBeGreaterThan(results.wall);
  });

  it("finds what waits for a free place where only one change is made at a time", async () => {
    await terraform.destroy();

    const results = await applyMeasured({
      terraform,
      values: {},
      parallelism: 1,
      step: stepFor({ json: true }),
    });

    expect(results.parallelism.most).toBe(1);
    expect(results.wall).toBeGreaterThan(6);
    expect(results.ratio).toBeGreaterThan(1.5);
    const waited = results.steps.reduce((sum, step) => sum + step.waited, 0);
    expect(waited).toBeGreaterThan(3);
  });
});
