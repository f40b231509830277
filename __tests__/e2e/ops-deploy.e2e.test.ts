import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { BatchGetImageCommand, ECRClient } from "@aws-sdk/client-ecr";
import { DescribeServicesCommand, ECSClient } from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startDeployment, type Deployment } from "./deployment";
import { pushImage } from "./images";
import { ops as runOps, startOps } from "./ops-cli";

/*
 * The real commands against the emulator: what they ask and change, and that Terraform has nothing to change back.
 * The emulator runs no tasks: it says that as many run as it is told, every rollout succeeds at once, and no
 * migration ends. Rollouts that take their time or fail are in __tests__/ops, against a fake.
 */

const VALUES = {
  db_password: "a-long-password",
  api_key: "a-key",
  environment: "dev",
  backend_desired_count: 1,
};
const REPOSITORY = "time-series-analyzer-backend";

let aws: Deployment;
/** Digests of the two images that were pushed. */
const digests: Record<string, string> = {};

beforeAll(async () => {
  aws = await startDeployment({}, { MOTO_ECS_SERVICE_RUNNING: "1" });
  await aws.terraform.init();
  await aws.terraform.apply({ variables: VALUES });
});

afterAll(async () => {
  await aws?.remove();
});

describe("ops deploy", () => {
  it("says how to push, where no image is", async () => {
    const { exitCode, stderr } = await ops("deploy");

    expect(exitCode).toBe(2);
    expect(stderr).toContain("There is no image latest in the repository");
    expect(stderr).toMatch(/^Push it: npm run ops -- images push --backend <directory> --tag latest$/m);
  });

  it("rolls out what was pushed, and Terraform has nothing to change", async () => {
    digests.one = await pushImage(aws, "latest", "one");

    const { exitCode, stdout } = await ops("deploy");

    expect(exitCode).toBe(0);
    expect(stdout).toContain("Deployed latest");
    expect(await changes()).toEqual([]);
  });

  it("rolls out another tag, keeps what ran before, and Terraform has nothing to change", async () => {
    const before = await service();
    digests.two = await pushImage(aws, "two", "two");

    const { exitCode, stdout } = await ops("--json", "deploy", "--tag", "two");

    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      deployment: expect.stringMatching(/^ecs-svc\/\d+$/),
      taskDefinition: "time-series-analyzer-backend:1",
      tag: "two",
      digest: digests.two,
      finished: true,
    });
    expect(await tags("latest", "deployed", "deployed-before")).toEqual([
      digests.two,
      digests.two,
      digests.one,
    ]);
    const after = await service();
    expect(after.deployments?.[0]?.id).not.toBe(before.deployments?.[0]?.id);
    expect(after.taskDefinition).toBe(before.taskDefinition);
    expect(await changes()).toEqual([]);
  });

  it("finds with --watch that the last rollout succeeded", async () => {
    expect(await ops("deploy", "--watch")).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("time-series-analyzer-backend:1 runs."),
    });
  });
});

describe("ops rollback", () => {
  it("goes back to the image before, and Terraform has nothing to change", async () => {
    const { exitCode, stdout } = await ops("rollback");

    expect(exitCode).toBe(0);
    expect(stdout).toContain("Back at time-series-analyzer-backend:1");
    expect(stdout).toContain("Terraform has nothing to change back.");
    expect(await tags("latest", "deployed", "deployed-before")).toEqual([
      digests.one,
      digests.one,
      digests.two,
    ]);
    expect(await changes()).toEqual([]);
  });

  it("goes forward again when it is repeated", async () => {
    const { exitCode, stdout } = await ops("--json", "rollback", "--no-wait");

    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      digest: digests.two,
      taskDefinitionChanged: false,
      finished: false,
    });
  });
});

describe("ops status", () => {
  it("shows service, database and image in one screen", async () => {
    const { exitCode, stdout } = await ops("status");

    expect(exitCode).toBe(0);
    for (const text of [
      "1 of 1 tasks running",
      "time-series-analyzer-backend:1: completed",
      "none is ringing",
      "time-series-analyzer-postgres: available",
      "runs: deployed, latest, two",
      "next: the same",
    ]) {
      expect(stdout).toContain(text);
    }
  });

  it("gives machines JSON", async () => {
    expect(JSON.parse((await ops("--json", "status")).stdout)).toMatchObject({
      service: { running: 1 },
      image: { running: { digest: digests.two }, named: { digest: digests.two } },
    });
  });
});

describe("ops logs", () => {
  beforeAll(async () => {
    const logs = aws.client(CloudWatchLogsClient);
    const stream = {
      logGroupName: "/ecs/time-series-analyzer",
      logStreamName: "ecs/backend/0123456789abcdef",
    };
    await logs.send(new CreateLogStreamCommand(stream));
    const now = Date.now();
    await logs.send(
      new PutLogEventsCommand({
        ...stream,
        logEvents: [
          { timestamp: now - 3_600_000, message: "an hour ago" },
          { timestamp: now - 2_000, message: "GET /api/health 200" },
          { timestamp: now - 1_000, message: "cannot reach postgresql://postgres:hunter2@db/app" },
        ],
      }),
    );
  });

  it("prints what was written lately, without passwords", async () => {
    const { exitCode, stdout } = await ops("logs");

    expect(exitCode).toBe(0);
    expect(stdout.split("\n")).toEqual([
      expect.stringMatching(/^\S+Z 01234567 GET \/api\/health 200$/),
      expect.stringMatching(/^\S+Z 01234567 cannot reach postgresql:\/\/postgres:\*\*\*@db\/app$/),
    ]);
  });

  it("goes back further, and finds a text, in JSON lines", async () => {
    const { stdout } = await ops("--json", "logs", "--since", "2h", "--filter", "hour ago");

    expect(stdout.split("\n").map((line) => JSON.parse(line))).toEqual([
      { time: expect.any(String), stream: "ecs/backend/0123456789abcdef", message: "an hour ago" },
    ]);
  });

  it("follows until Ctrl-C", async () => {
    const following = startOps(aws, ["logs", "--follow"]);
    for await (const line of following) {
      if (line.includes("cannot reach")) following.kill("SIGINT");
    }

    expect((await following).exitCode).toBe(130);
  });
});

/** `npm run ops -- …` on the deployment. */
const ops = async (...args: string[]) => runOps(aws, args);

/** What the next plan would change. */
async function changes() {
  return (await aws.terraform.plan({ variables: VALUES })).changes;
}

/** Digests behind tags. */
async function tags(...names: string[]) {
  const found = names.map(async (imageTag) => {
    const { images } = await aws
      .client(ECRClient)
      .send(new BatchGetImageCommand({ repositoryName: REPOSITORY, imageIds: [{ imageTag }] }));
    return images?.[0]?.imageId?.imageDigest;
  });
  return Promise.all(found);
}

async function service() {
  const { services } = await aws.client(ECSClient).send(
    new DescribeServicesCommand({
      cluster: "time-series-analyzer-cluster",
      services: ["time-series-analyzer-backend-service"],
    }),
  );
  return services?.[0] ?? {};
}
