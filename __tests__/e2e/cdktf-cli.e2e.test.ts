import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localDirectory, projectRoot } from "../../local/workspace";
import { cloneProject } from "./clone";
import { startDeployment, type Deployment } from "./deployment";

let aws: Deployment;
let clone: string;

beforeAll(async () => {
  aws = await startDeployment();
  await aws.terraform.init();

  await mkdir(localDirectory, { recursive: true });
  clone = await mkdtemp(path.join(localDirectory, "clone-"));
  await cloneProject(clone);
  await cp(path.join(projectRoot, "terraform.tfvars.example"), path.join(clone, "terraform.tfvars"));
});

afterAll(async () => {
  await aws?.remove();
  if (clone) await rm(clone, { recursive: true, force: true });
});

describe("the documented way, with cdktf", () => {
  it("synthesizes the same bytes as npm run synth", async () => {
    await run("npm", ["run", "synth"]);
    const direct = await synthesized();
    await run("npx", ["cdktf", "synth"]);

    expect(await synthesized()).toBe(direct);
  });

  it("deploys with the values of terraform.tfvars in the root", async () => {
    const { stdout } = await run("npx", ["cdktf", "deploy", "--auto-approve"]);
    const { DBInstances } = await aws.client(RDSClient).send(new DescribeDBInstancesCommand({}));

    expect(stdout).toContain("load_balancer_dns");
    expect(stdout).not.toContain("change-me");
    expect(DBInstances).toMatchObject([{ DBInstanceIdentifier: "time-series-analyzer-postgres" }]);
  });

  it("can go on with plain Terraform in the stack directory, which finds state and values", async () => {
    const cwd = stackDirectory();
    const plan = await run("terraform", ["plan", "-detailed-exitcode", "-no-color"], cwd);
    const url = await run("terraform", ["output", "-raw", "backend_ecr_url"], cwd);

    expect(plan.stdout).toContain("No changes.");
    expect(url.stdout).toMatch(/time-series-analyzer-backend$/);
  });

  it("destroys it again", async () => {
    await run("npx", ["cdktf", "destroy", "--auto-approve"]);

    expect((await aws.client(RDSClient).send(new DescribeDBInstancesCommand({}))).DBInstances).toEqual([]);
  });
});

function stackDirectory(): string {
  return path.join(clone, "cdktf.out", "stacks", "time-series-analyzer");
}

async function synthesized(): Promise<string> {
  return readFile(path.join(stackDirectory(), "cdk.tf.json"), "utf8");
}

async function run(command: string, args: readonly string[], cwd = clone) {
  return execa(command, args, {
    cwd,
    extendEnv: false,
    env: {
      ...aws.terraform.environment,
      // As a user has it: each command starts a provider of its own.
      TF_REATTACH_PROVIDERS: "",
      // Locking the provider for other platforms asks the registry, which not every machine reaches.
      CDKTF_SKIP_PROVIDER_LOCK: "true",
      // cdktf's own log and cache stay in the clone.
      CDKTF_HOME: path.join(clone, ".cdktf"),
    },
  });
}
