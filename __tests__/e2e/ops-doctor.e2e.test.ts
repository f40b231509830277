import { writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CheckResult } from "../../ops/doctor/check-result";
import { startDeployment, type Deployment } from "./deployment";
import { pushImageFor } from "./images";
import { checks, databases, unmanaged, writeValues } from "./operated";
import { ops } from "./ops-cli";

let aws: Deployment;

beforeAll(async () => {
  aws = await startDeployment();
  await writeValues(aws);
  await aws.terraform.init();
});

afterAll(async () => {
  await aws?.remove();
});

describe("after an apply that was killed", () => {
  let found: CheckResult[];

  beforeAll(async () => {
    await applyAndKill();
    found = await unmanaged(aws);
  });

  it("doctor names what AWS has and the state lacks, with the commands that import it", async () => {
    const lacking = ["aws_db_instance.postgres", "aws_lb.app_lb"];

    expect(await aws.terraform.stateList()).not.toEqual(expect.arrayContaining(lacking));
    expect(found.map(({ detail }) => detail)).toEqual(
      expect.arrayContaining(lacking.map((address) => expect.stringContaining(address))),
    );
    expect(found.map(({ remedy }) => remedy)).toContain(
      "terraform import 'aws_db_instance.postgres' 'time-series-analyzer-postgres'",
    );
  });

  it("the printed commands bring it back, and the next apply succeeds", async () => {
    await runRemedies(found);

    expect(await unmanaged(aws)).toMatchObject([{ status: "ok" }]);
    const { changes } = await aws.terraform.plan();
    const created = changes.filter(({ action }) => action === "create");
    for (const result of found) {
      expect(created.map(({ address }) => address)).not.toContain(addressOf(result));
    }
    await aws.terraform.apply();
    expect(await aws.terraform.plan()).toMatchObject({ changes: [] });
  });

  it("the same holds for every kind of resource that AWS would refuse or make a second time", async () => {
    const lost = [
      "aws_ecs_service.backend_service",
      "aws_eip.nat_gateway_eips[0]",
      "aws_iam_role.ecs_task_role",
      "aws_internet_gateway.igw",
      "aws_lb_listener.app_listener",
      "aws_nat_gateway.nat_gateways[0]",
      "aws_route_table.private_rt[0]",
      "aws_s3_bucket.alb_logs[0]",
      "aws_secretsmanager_secret.api_key",
      "aws_security_group.db_sg",
      "aws_subnet.private_subnets[1]",
      "aws_vpc.time_series_vpc",
    ];
    // An association is known by its subnet, which the plan knows only when the VPC is in the state.
    const association = "aws_route_table_association.private_rt_association[0]";
    await aws.terraform.run(["state", "rm", association, ...lost]);

    const first = await unmanaged(aws);
    await runRemedies(first);
    const second = await unmanaged(aws);
    await runRemedies(second);

    expect(first.map(addressOf)).toEqual(lost);
    expect(second.map(addressOf)).toEqual([association]);
    const { changes } = await aws.terraform.plan();
    expect(changes.filter(({ action }) => action === "create")).toEqual([]);
  });
});

describe("doctor on what is deployed", () => {
  beforeAll(async () => {
    const lock = { ID: "an-id", Who: "ada@laptop", Operation: "OperationTypeApply", Created: "2026-01-02" };
    const file = path.join(aws.root, ".terraform.time-series-analyzer.tfstate.lock.info");
    await writeFile(file, JSON.stringify(lock));
  });

  it("says that no task can start without an image, and who works on the state", async () => {
    const found = await checks(aws);

    expect(found).toContainEqual({
      name: "image",
      status: "problem",
      detail: "There is no time-series-analyzer-backend:latest, so no task can start.",
      remedy: "npm run ops -- images push --backend <directory of the backend>",
    });
    expect(found).toContainEqual(
      expect.objectContaining({
        name: "state lock",
        detail: expect.stringContaining("ada@laptop holds it since 2026-01-02, for OperationTypeApply."),
      }),
    );
  });

  it("prints a line for each check, and ends with 1 because there are problems", async () => {
    await pushImageFor(aws, "arm64");

    const { exitCode, stdout } = await ops(aws, ["doctor"]);

    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^ok +Terraform +1\.\d+/m);
    expect(stdout).toMatch(/^ok +credentials +.*account 123456789012\.$/m);
    expect(stdout).toMatch(/^ok +quota: VPCs +\d of 5 in use/m);
    expect(stdout).toMatch(/^problem +image +.*is for linux\/arm64, and tasks need linux\/amd64/m);
    expect(stdout).toMatch(/^\d problems?, \d warnings?\.$/m);
    expect(stdout).not.toContain("a-password-of-production");
  });
});

/** Kills Terraform while AWS makes the database and the load balancer. */
async function applyAndKill(): Promise<void> {
  const apply = execa("terraform", ["apply", "-auto-approve", "-input=false"], {
    cwd: aws.directory,
    env: aws.terraform.environment,
    extendEnv: false,
    detached: true,
    reject: false,
  });
  const elb = aws.client(ElasticLoadBalancingV2Client);
  for (;;) {
    const { LoadBalancers = [] } = await elb.send(new DescribeLoadBalancersCommand({}));
    if (LoadBalancers.length > 0 && (await databases(aws)).length > 0) break;
    if (apply.exitCode !== null) throw new Error(`the apply ended before it could be killed`);
    await sleep(200);
  }
  const group = -Number(apply.pid);
  // Terraform overwrites the state whenever a resource is made. What half a state does is not tested here.
  process.kill(group, "SIGSTOP");
  while (!isWhole(await aws.state())) {
    process.kill(group, "SIGCONT");
    await sleep(50);
    process.kill(group, "SIGSTOP");
  }
  process.kill(group, "SIGKILL");
  await apply;
}

function isWhole(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}

/** The resource that a result is about. */
function addressOf({ detail }: CheckResult): string | undefined {
  return detail.split(" ")[0];
}

async function runRemedies(results: readonly CheckResult[]): Promise<void> {
  await aws.shell(results.map(({ remedy = "" }) => remedy).join("\n"));
}
