import { DescribeTaskDefinitionCommand } from "@aws-sdk/client-ecs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { rollback } from "../../ops/rollback";
import {
  deployed,
  deployment,
  digest,
  FakeBackend,
  globals,
  NEW,
  OLD,
  type Past,
  revision,
  service,
  taskDefinition,
} from "./fake-backend";

let aws: FakeBackend;
const OLDEST = digest("9");

beforeEach(() => {
  vi.spyOn(console, "error").mockReturnValue(undefined);
  aws = new FakeBackend();
  aws.describe(service(), service({ deployments: [deployment({ rolloutState: "COMPLETED" })] }));
});

afterEach(() => {
  aws.restore();
});

const run = () => rollback(deployed, { globals, wait: true, timeoutMinutes: 1, intervalMs: 1 });

describe("rollback", () => {
  it("lets the tag name the image that ran before, and leaves the task definition to Terraform", async () => {
    aws.hasDeployed([{ digest: NEW }, { digest: OLD }]);

    expect(await run()).toMatchObject({
      deployment: "ecs-svc/2",
      taskDefinition: "app-backend:7",
      digest: OLD,
      taskDefinitionChanged: false,
      finished: true,
    });
    expect(aws.updates).toEqual([
      { cluster: "app-cluster", service: "app-backend-service", forceNewDeployment: true },
    ]);
    expect(aws.tags).toMatchObject({ latest: OLD, deployed: OLD, "deployed-before": NEW });
  });

  it("passes over deployments of what runs now", async () => {
    aws.hasDeployed([{ digest: NEW }, { digest: NEW }, { digest: OLD }]);

    expect(await run()).toMatchObject({ digest: OLD });
  });

  it("passes over deployments that failed", async () => {
    aws.hasDeployed([{ digest: NEW }, { digest: OLDEST, status: "ROLLBACK_SUCCESSFUL" }, { digest: OLD }]);

    expect(await run()).toMatchObject({ digest: OLD });
  });

  it("goes back to the task definition too, and says that Terraform will want it back", async () => {
    aws.hasDeployed([{ digest: NEW }, { digest: NEW, taskDefinition: revision(6) }]);

    expect(await run()).toMatchObject({ taskDefinition: "app-backend:6", taskDefinitionChanged: true });
    expect(aws.updates).toMatchObject([{ taskDefinition: revision(6), forceNewDeployment: true }]);
  });

  it("moves the tag that the older task definition names", async () => {
    aws.hasDeployed([{ digest: NEW }, { digest: OLD, taskDefinition: revision(6), tag: "stable" }]);

    await run();

    expect(aws.tags).toMatchObject({ latest: NEW, stable: OLD });
  });

  it.each(["IN_PROGRESS", "PENDING", "STOPPED", "ROLLBACK_FAILED"] as const)(
    "goes back to what ran before a deployment that is %s",
    async (status) => {
      aws.hasDeployed([{ status, digest: NEW }, { digest: OLD }, { digest: OLDEST }]);

      expect(await run()).toMatchObject({ digest: OLD });
      expect(aws.tags).toMatchObject({ latest: OLD });
    },
  );

  it("deploys nothing where ECS has gone back by itself, but puts the tag right", async () => {
    aws.hasDeployed([{ status: "ROLLBACK_SUCCESSFUL", digest: NEW }, { digest: OLD }, { digest: OLDEST }]);

    const result = await run();

    expect(result).toMatchObject({
      digest: OLD,
      goneBackAt: new Date("2026-01-01T00:05:00Z"),
      movedTag: "latest",
      finished: true,
    });
    expect(result).not.toHaveProperty("deployment");
    expect(aws.updates).toEqual([]);
    expect(aws.tags.latest).toBe(OLD);
  });

  it("leaves the tag to an image that was pushed since", async () => {
    aws.hasDeployed([{ status: "ROLLBACK_SUCCESSFUL", digest: OLDEST }, { digest: OLD }]);
    aws.pushes[NEW] = new Date("2026-01-01T00:01:00Z");

    expect(await run()).not.toHaveProperty("movedTag");
    expect(aws.tags.latest).toBe(NEW);
  });

  describe("while ECS is on its way back by itself", () => {
    const going: Past[] = [{ status: "ROLLBACK_IN_PROGRESS", digest: NEW }, { digest: OLD }];

    it("waits until it has gone back", async () => {
      const requested: Past[] = [{ status: "ROLLBACK_REQUESTED", digest: NEW }, { digest: OLD }];
      aws.hasDeployed(requested, going, going, [
        { status: "ROLLBACK_SUCCESSFUL", digest: NEW },
        { digest: OLD },
      ]);

      expect(await run()).toMatchObject({ digest: OLD, finished: true });
      expect(aws.updates).toEqual([]);
    });

    it("deploys what ran before where that fails", async () => {
      aws.hasDeployed(going, [{ status: "ROLLBACK_FAILED", digest: NEW }, { digest: OLD }]);

      expect(await run()).toMatchObject({ deployment: "ecs-svc/2", digest: OLD, finished: true });
      expect(aws.updates).toHaveLength(1);
    });

    it("says with --no-wait that it has not ended", async () => {
      aws.hasDeployed(going);

      const result = await rollback(deployed, { globals, wait: false, timeoutMinutes: 1 });

      expect(result).toMatchObject({ digest: OLD, movedTag: "latest", finished: false });
      expect(result).not.toHaveProperty("deployment");
      expect(result).not.toHaveProperty("goneBackAt");
      expect(aws.updates).toEqual([]);
    });

    it("gives up watching after --timeout", async () => {
      aws.hasDeployed(going);

      await expect(
        rollback(deployed, { globals, wait: true, timeoutMinutes: 0.0001, intervalMs: 1 }),
      ).rejects.toMatchObject({ message: expect.stringContaining("has not gone back"), exitCode: 1 });
      expect(aws.updates).toEqual([]);
    });
  });

  it.each([
    ["only one deployment succeeded", [{ digest: NEW }], /nothing to go back to/],
    ["none did", [{ status: "IN_PROGRESS" }], /nothing to go back to/],
    ["the image has expired", [{ digest: NEW }, { digest: OLDEST }], /no longer in the repository/],
    ["AWS names no image", [{ digest: NEW }, { taskDefinition: revision(6) }], /no longer in the repository/],
  ] as const)("changes nothing where %s", async (_, past, message) => {
    aws.hasDeployed(past);

    await expect(run()).rejects.toMatchObject({ message: expect.stringMatching(message), exitCode: 2 });
    expect(aws.updates).toEqual([]);
    expect(aws.tags.latest).toBe(NEW);
  });

  it("changes nothing where the task definition is no longer registered", async () => {
    aws.hasDeployed([{ digest: NEW }, { digest: OLD, taskDefinition: revision(6) }]);
    aws.ecs
      .on(DescribeTaskDefinitionCommand, { taskDefinition: revision(6) })
      .resolves({ taskDefinition: taskDefinition({ status: "INACTIVE" }) });

    await expect(run()).rejects.toMatchObject({
      message: "The task definition app-backend:6 is no longer registered.",
      exitCode: 2,
    });
    expect(aws.updates).toEqual([]);
  });
});
