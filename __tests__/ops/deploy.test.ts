import {
  DeregisterTaskDefinitionCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Interruption } from "../../local/interruption";
import { deploy, type DeployOptions, isPinned, watchOngoing } from "../../ops/deploy";
import type { Problem } from "../../ops/problem";
import { interruptible } from "../../ops/watch";
import {
  deployed,
  deployment,
  FakeBackend,
  globals,
  NEW,
  OLD,
  REPOSITORY,
  revision,
  service,
  stopped,
} from "./fake-backend";

let aws: FakeBackend;
const told = vi.spyOn(console, "error");

beforeEach(() => {
  aws = new FakeBackend();
  told.mockReset().mockReturnValue(undefined);
});

afterEach(() => {
  aws.restore();
});

const completed = service({ deployments: [deployment({ rolloutState: "COMPLETED", runningCount: 2 })] });
const inProgress = service({ deployments: [deployment(), ...(service().deployments ?? [])] });
/** As ECS describes it when its circuit breaker has given up. */
const rolledBack = service({
  deployments: [
    deployment({
      id: "ecs-svc/3",
      rolloutState: "IN_PROGRESS",
      rolloutStateReason: "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.",
      taskDefinition: revision(7),
    }),
    deployment({
      status: "ACTIVE",
      rolloutState: "FAILED",
      rolloutStateReason: "ECS deployment circuit breaker: tasks failed to start.",
    }),
  ],
});

describe("deploy", () => {
  it("rolls out what backend_image_tag names, and waits until it is steady", async () => {
    aws.describe(service(), inProgress, completed);

    expect(await run()).toEqual({
      deployment: "ecs-svc/2",
      taskDefinition: "app-backend:7",
      tag: "latest",
      digest: NEW,
      finished: true,
    });
    expect(aws.updates).toEqual([
      { cluster: "app-cluster", service: "app-backend-service", forceNewDeployment: true },
    ]);
  });

  it("lets backend_image_tag name the image of --tag, and keeps what ran before from expiring", async () => {
    aws.describe(service(), completed);
    aws.tags.latest = OLD;

    await run({ tag: "v2" });

    expect(aws.tags).toEqual({ latest: NEW, v1: OLD, v2: NEW, deployed: NEW, "deployed-before": OLD });
  });

  it("changes nothing in the task definition, which is Terraform's", async () => {
    aws.describe(service(), completed);

    await run({ tag: "v2" });

    expect(aws.updates[0]).not.toHaveProperty("taskDefinition");
    expect(aws.ecs.commandCalls(RegisterTaskDefinitionCommand)).toEqual([]);
  });

  it("shows how far it is, and says a thing once", async () => {
    aws.describe(
      service(),
      inProgress,
      inProgress,
      service({
        deployments: [deployment({ runningCount: 1, pendingCount: 1 })],
        runningCount: 3,
        events: [
          {
            createdAt: new Date("2026-01-01T10:01:00Z"),
            message: "(service app-backend-service) has started 2 tasks: (task 0a1b) (task 2c3d).",
          },
        ],
      }),
      completed,
    );

    await run();

    expect(told.mock.calls.flat()).toEqual([
      "Rolling out app-backend:7",
      "  0 of 2 new tasks running, 2 starting · 2 old · targets: 2 healthy",
      "  1 of 2 new tasks running, 1 starting · 2 old · targets: 2 healthy · has started 2 tasks",
    ]);
  });

  it("ends as soon as it has begun with --no-wait", async () => {
    expect(await run({ wait: false })).toMatchObject({ deployment: "ecs-svc/2", finished: false });
  });

  describe("before it does anything", () => {
    it("wants the image, and says how to push it", async () => {
      const problem = await failure(run({ tag: "v3" }));

      expect(problem).toMatchObject({
        message: `There is no image v3 in the repository ${REPOSITORY}.`,
        remedy: "Push it: npm run ops -- images push --backend <directory> --tag v3",
        exitCode: 2,
      });
      nothingHasChanged();
    });

    it("wants the service", async () => {
      aws.describe(service({ status: "INACTIVE" }));

      expect(await failure(run())).toMatchObject({
        message: "There is no service app-backend-service in the cluster app-cluster.",
        exitCode: 2,
      });
    });

    it("wants no other deployment to be going on", async () => {
      aws.describe(inProgress);

      expect(await failure(run())).toMatchObject({
        message: "A deployment of app-backend:7 is going on since 2026-01-01T10:00:00.000Z.",
        exitCode: 2,
      });
      nothingHasChanged();
    });

    it("does not mind one that never had an image: that is the first deployment", async () => {
      aws.describe(service({ runningCount: 0, deployments: [deployment({ id: "ecs-svc/0" })] }), completed);
      aws.hasDeployed([{ status: "IN_PROGRESS" }]);

      expect(await run()).toMatchObject({ finished: true });
    });

    it("moves no tag that names one image for ever", async () => {
      aws.pin("3f2a1b9");

      expect(await failure(run({ tag: "v2" }))).toMatchObject({
        message: expect.stringContaining('backend_image_tag = "3f2a1b9"'),
        remedy: expect.stringContaining('Set backend_image_tag = "v2"'),
        exitCode: 2,
      });
      nothingHasChanged();
    });

    it.each([
      ["3f2a1b9", true],
      ["0123456789abcdef0123456789abcdef01234567", true],
      ["v1.2.3", true],
      ["2026.01", true],
      ["latest", false],
      ["stable", false],
      ["v2", false],
      ["main-build", false],
    ])("takes %s for a fixed name: %s", (tag, expected) => {
      expect(isPinned(tag)).toBe(expected);
    });
  });

  describe("when ECS goes back", () => {
    beforeEach(() => {
      aws.describe(service(), inProgress, rolledBack);
      aws.hasStopped(
        [
          stopped({
            stopCode: "EssentialContainerExited",
            stoppedReason: "Essential container in task exited",
            containers: [{ name: "backend", exitCode: 1 }],
          }),
        ],
        "Traceback (most recent call last):",
        "could not connect to postgresql+asyncpg://postgres:hunter2@db:5432/app",
      );
    });

    it("fails, with the reason, the last lines without passwords, and what runs now", async () => {
      const problem = await failure(run());

      expect(problem.exitCode).toBe(1);
      expect(problem.message.split("\n")).toEqual([
        "The deployment failed. The application ended by itself with exit code 1.",
        "",
        "Its last lines:",
        "  Traceback (most recent call last):",
        "  could not connect to postgresql+asyncpg://postgres:***@db:5432/app",
        "",
        "ECS goes back to what ran before, app-backend:7: 2 tasks run.",
        "The tag latest names the image that runs again.",
      ]);
    });

    it("lets the tag name the image that runs, so that the next deployment does not fail again", async () => {
      await failure(run({ tag: "v2" }));

      expect(aws.tags).toMatchObject({ latest: OLD, v2: NEW, deployed: OLD });
    });

    it("looks only at tasks of this deployment", async () => {
      aws.hasStopped([stopped({ startedBy: "ecs-svc/1", stoppedReason: "OutOfMemoryError: …" })]);

      expect((await failure(run())).message).toContain(
        "ECS deployment circuit breaker: tasks failed to start.",
      );
    });

    it("notices it also when the failed deployment is gone from the list already", async () => {
      const gone = service({
        deployments: [
          deployment({ id: "ecs-svc/3", rolloutState: "COMPLETED", rolloutStateReason: "completed" }),
        ],
        events: [
          {
            createdAt: new Date("2026-01-01T10:09:00Z"),
            message:
              "(service app-backend-service) (deployment ecs-svc/2) deployment failed: tasks failed to start.",
          },
        ],
      });
      aws.describe(service(), inProgress, gone);

      expect((await failure(run())).message).toContain("The deployment failed.");
    });

    it("says early why a task failed, not only when ECS gives up", async () => {
      const oneFailed = service({
        deployments: [deployment({ failedTasks: 1, pendingCount: 1 }), ...(service().deployments ?? [])],
      });
      aws.describe(service(), oneFailed, rolledBack);

      await failure(run());

      expect(told.mock.calls.flat()).toContain(
        "  0 of 2 new tasks running, 1 starting, 1 failed · 2 old · targets: 2 healthy · The application ended by itself with exit code 1.",
      );
    });
  });

  it("says that it failed also to those who may not read why", async () => {
    aws.describe(service(), rolledBack);
    aws.ecs
      .on(ListTasksCommand, { desiredStatus: "STOPPED" })
      .rejects(new Error("not authorized to perform: ecs:ListTasks"));

    expect((await failure(run())).message).toMatch(
      /^The deployment failed\. ECS deployment circuit breaker: tasks failed to start\. Why cannot be read: not authorized/,
    );
  });

  it("fails where there is nothing to go back to", async () => {
    const failed = deployment({ rolloutState: "FAILED", rolloutStateReason: "tasks failed to start." });
    aws.describe(service(), service({ runningCount: 0, deployments: [failed] }));
    aws.hasDeployed([]);

    expect((await failure(run())).message).toMatch(/nothing that ECS could go back to/);
  });

  it("fails when somebody else deploys meanwhile", async () => {
    const other = deployment({ id: "ecs-svc/9", taskDefinition: revision(8) });
    aws.describe(service(), service({ deployments: [other, deployment({ status: "ACTIVE" })] }));

    expect(await failure(run())).toMatchObject({
      message: "Another deployment took the place of this one: app-backend:8.",
      exitCode: 1,
    });
  });

  it("gives up watching after --timeout, and says that the rollout goes on", async () => {
    aws.describe(service(), inProgress);

    expect(await failure(run({ timeoutMinutes: 0.0001 }))).toMatchObject({
      message: "The rollout has not ended after 0.0001 minutes. It goes on in AWS.",
      remedy: expect.stringContaining("deploy --watch"),
      exitCode: 1,
    });
  });

  it("puts the tag back when ECS refuses the deployment", async () => {
    aws.tags.latest = OLD;
    aws.ecs.on(UpdateServiceCommand).rejects(new Error("refused"));

    await expect(run({ tag: "v2" })).rejects.toThrow("refused");
    expect(aws.tags.latest).toBe(OLD);
  });

  describe("while it watches", () => {
    it.each([
      ["ECONNRESET", Object.assign(new Error("read"), { code: "ECONNRESET" })],
      ["ENOTFOUND", Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" })],
      ["a timeout", Object.assign(new Error("no answer"), { name: "TimeoutError" })],
      ["throttling", Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" })],
      ["an answer of 503", Object.assign(new Error("busy"), { $fault: "server" })],
    ])("survives %s, and says so", async (_, error) => {
      aws.describe(service(), inProgress, error, error, completed);

      expect(await run()).toMatchObject({ finished: true });
      expect(told.mock.calls.flat()).toContain("  connection lost, trying again …");
    });

    it("says that the rollout goes on when the credentials expire", async () => {
      const expired = Object.assign(new Error("The security token included in the request is expired"), {
        name: "ExpiredTokenException",
      });
      aws.describe(service(), inProgress, expired);

      expect(await failure(run())).toMatchObject({
        message: "The AWS credentials have expired. The rollout goes on in AWS.",
        remedy: expect.stringMatching(/^Log in again\. .*deploy --watch/),
        exitCode: 1,
      });
    });

    it("says that the rollout goes on after Ctrl-C", async () => {
      const controller = new AbortController();
      aws.describe(service(), inProgress);
      told.mockImplementation((line) => {
        if (String(line).includes("new tasks running")) controller.abort(new Interruption("SIGINT"));
      });
      const { signal } = controller;

      await expect(
        interruptible(signal, () => run({ globals: { ...globals, signal }, intervalMs: 60_000 })),
      ).rejects.toMatchObject({ name: "Interruption", exitCode: 130 });
      expect(told.mock.calls.flat().join("\n")).toMatch(
        /The rollout goes on in AWS\.\nSee how it ends: .*deploy --watch\nUndo it: .*rollback/,
      );
    });
  });
});

describe("deploy --migrate", () => {
  const definition = { taskDefinitionArn: "arn:task-definition/app-backend-migration:1" };
  const migrated = (exitCode: number | undefined, changes = {}) => ({
    ...stopped({ startedBy: "ops-deploy-migrate", ...changes }),
    containers: [{ name: "backend", exitCode }],
  });

  beforeEach(() => {
    aws.describe(service(), service(), completed);
    aws.ecs.on(RegisterTaskDefinitionCommand).callsFake((input) => ({
      taskDefinition: { ...definition, ...input },
    }));
    aws.ecs.on(RunTaskCommand).resolves({ tasks: [migrated(undefined, { lastStatus: "PROVISIONING" })] });
    aws.ecs.on(DeregisterTaskDefinitionCommand).resolves({});
  });

  it("runs the command once from the new image, as the service runs, and then deploys", async () => {
    aws.hasStopped([migrated(0)], "Running upgrade 1 -> 2");

    expect(await run({ tag: "v2", migrate: "alembic upgrade head" })).toMatchObject({
      migration: { exitCode: 0, logLines: ["Running upgrade 1 -> 2"] },
      finished: true,
    });
    const [registered] = aws.ecs.commandCalls(RegisterTaskDefinitionCommand);
    expect(registered?.args[0].input).toMatchObject({
      family: "app-backend-migration",
      cpu: "256",
      memory: "512",
      executionRoleArn: "arn:execution-role",
      taskRoleArn: "arn:task-role",
      runtimePlatform: { cpuArchitecture: "X86_64" },
      containerDefinitions: [
        {
          image: `${REPOSITORY}@${NEW}`,
          entryPoint: ["sh", "-c"],
          command: ["alembic upgrade head"],
          environment: [{ name: "ENVIRONMENT", value: "prod" }],
          secrets: [{ name: "DATABASE_URL", valueFrom: "arn:secret" }],
          logConfiguration: {
            options: { "awslogs-group": "/ecs/app", "awslogs-stream-prefix": "migration" },
          },
        },
      ],
    });
    const [started] = aws.ecs.commandCalls(RunTaskCommand);
    expect(started?.args[0].input).toMatchObject({
      cluster: "app-cluster",
      count: 1,
      launchType: "FARGATE",
      taskDefinition: definition.taskDefinitionArn,
      networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"], securityGroups: ["sg-1"] } },
    });
    expect(aws.ecs.commandCalls(DeregisterTaskDefinitionCommand)).toHaveLength(1);
    expect(aws.updates).toHaveLength(1);
  });

  it("leaves the service alone when the command fails, and shows why", async () => {
    aws.hasStopped([migrated(1, { stopCode: "EssentialContainerExited" })], 'relation "a" does not exist');

    expect(await failure(run({ migrate: "alembic upgrade head" }))).toMatchObject({
      message: expect.stringMatching(
        /^The migration failed with exit code 1, so nothing was deployed: the service is untouched\..*\n\nIts last lines:\n {2}relation "a" does not exist\n$/,
      ),
      exitCode: 1,
    });
    nothingHasChanged();
    expect(aws.ecs.commandCalls(DeregisterTaskDefinitionCommand)).toHaveLength(1);
  });

  it("leaves the service alone when its task does not start", async () => {
    aws.hasStopped([migrated(undefined, { stoppedReason: "OutOfMemoryError: Container killed" })]);

    expect((await failure(run({ migrate: "x" }))).message).toMatch(
      /^The migration failed, so nothing was deployed.*needed more memory/,
    );
    nothingHasChanged();
  });

  it("leaves the service alone when AWS starts no task", async () => {
    aws.ecs.on(RunTaskCommand).resolves({ tasks: [], failures: [{ reason: "Capacity is unavailable" }] });

    expect((await failure(run({ migrate: "x" }))).message).toContain("Capacity is unavailable");
    nothingHasChanged();
  });

  it("says that the migration goes on, where nobody waits any longer", async () => {
    aws.hasStopped([migrated(undefined, { lastStatus: "RUNNING" })]);

    expect(await failure(run({ migrate: "x", timeoutMinutes: 0.0001 }))).toMatchObject({
      message: expect.stringContaining("goes on in AWS, as task 0123456789abcdef. The service is untouched."),
      remedy: expect.stringMatching(/^See how it ends: .*logs --follow\nEnd it half-way: aws ecs stop-task/),
    });
    nothingHasChanged();
  });

  it.each([undefined, "alembic upgrade head"])(
    "wants no migration to be running, with --migrate %s",
    async (migrate) => {
      const createdAt = new Date("2026-01-01T10:00:00Z");
      const running = stopped({ lastStatus: "RUNNING", createdAt });
      aws.ecs
        .on(ListTasksCommand, { cluster: "app-cluster", startedBy: "ops-deploy-migrate" })
        .resolves({ taskArns: [running.taskArn ?? ""] });
      aws.hasStopped([running]);

      expect(await failure(run({ migrate }))).toMatchObject({
        message: "A migration is going on since 2026-01-01T10:00:00.000Z, as task 0123456789abcdef.",
        remedy: expect.stringContaining("logs --follow"),
        exitCode: 2,
      });
      expect(aws.ecs.commandCalls(RegisterTaskDefinitionCommand)).toEqual([]);
      nothingHasChanged();
    },
  );

  it("starts nothing over a deployment that somebody has begun during the migration", async () => {
    aws.describe(service(), inProgress);
    aws.hasStopped([migrated(0)]);

    expect(await failure(run({ migrate: "x" }))).toMatchObject({
      message:
        "The migration has run. A deployment of app-backend:7 is going on since 2026-01-01T10:00:00.000Z.",
      exitCode: 1,
    });
    nothingHasChanged();
  });

  it("says that the migration goes on after Ctrl-C while its task starts", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    aws.hasStopped([migrated(undefined, { lastStatus: "RUNNING" })]);
    aws.ecs.on(RunTaskCommand).callsFake(() => {
      controller.abort(new Interruption("SIGINT"));
      return { tasks: [migrated(undefined, { lastStatus: "PROVISIONING" })] };
    });

    await expect(
      interruptible(signal, () => run({ migrate: "x", globals: { ...globals, signal } })),
    ).rejects.toMatchObject({ name: "Interruption" });
    expect(told.mock.calls.flat().join("\n")).toContain(
      "The migration goes on in AWS, as task 0123456789abcdef.",
    );
    expect(aws.ecs.commandCalls(RunTaskCommand)[0]?.args).toHaveLength(1);
    nothingHasChanged();
  });

  it("starts no migration after Ctrl-C before, and leaves no task definition", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    aws.ecs.on(RegisterTaskDefinitionCommand).callsFake(() => {
      controller.abort(new Interruption("SIGINT"));
      return { taskDefinition: definition };
    });

    await expect(run({ migrate: "x", globals: { ...globals, signal } })).rejects.toMatchObject({
      name: "Interruption",
    });
    expect(aws.ecs.commandCalls(RegisterTaskDefinitionCommand)[0]?.args).toHaveLength(1);
    expect(aws.ecs.commandCalls(RunTaskCommand)).toEqual([]);
    expect(aws.ecs.commandCalls(DeregisterTaskDefinitionCommand)).toHaveLength(1);
  });
});

describe("deploy --watch", () => {
  const follow = () => watchOngoing(deployed, { globals, timeoutMinutes: 1, intervalMs: 1 });

  it("follows a rollout that somebody else has started, and starts none", async () => {
    aws.describe(inProgress, inProgress, completed);
    aws.hasDeployed([{ status: "IN_PROGRESS" }, { digest: OLD }]);

    expect(await follow()).toMatchObject({ id: "ecs-svc/2" });
    nothingHasChanged();
  });

  it("ends at once where the last rollout succeeded", async () => {
    aws.describe(service());

    expect(await follow()).toMatchObject({ id: "ecs-svc/1" });
  });

  describe("where no task has ever run", () => {
    beforeEach(() => {
      const first = deployment({ rolloutState: "FAILED", rolloutStateReason: "tasks failed to start." });
      aws.describe(service({ runningCount: 0, deployments: [first] }));
      aws.hasDeployed([{ status: "ROLLBACK_FAILED" }]);
    });

    it("has nothing to follow without an image, as after the very first apply", async () => {
      aws.images.clear();

      expect(await follow()).toBeUndefined();
    });

    it("fails with one", async () => {
      expect((await failure(follow())).message).toMatch(/^The deployment failed/);
    });
  });

  it("fails without an image where tasks have run", async () => {
    aws.images.clear();
    aws.hasDeployed([{ status: "ROLLBACK_SUCCESSFUL" }, { digest: OLD }]);

    expect((await failure(follow())).message).toMatch(/^The deployment failed/);
  });

  it("fails where ECS took the last rollout back, as after an apply that did not wait", async () => {
    aws.describe(
      service({
        events: [
          {
            createdAt: new Date("2026-01-01T10:09:00Z"),
            message:
              "(service app-backend-service) (deployment ecs-svc/2) deployment failed: tasks failed to start.",
          },
        ],
      }),
    );
    aws.hasDeployed([{ status: "ROLLBACK_SUCCESSFUL", digest: NEW }, { digest: OLD }]);
    aws.hasStopped([stopped({ stoppedReason: "OutOfMemoryError: Container killed due to memory usage" })]);

    const problem = await failure(follow());

    expect(problem.message).toMatch(
      /^The deployment failed at 2026-01-01T00:05:00\.000Z\. The container needed more memory/,
    );
    expect(problem.message).toMatch(
      /ECS has gone back to what ran before.*\nThe tag latest names the image that runs again\.$/,
    );
    expect(aws.tags.latest).toBe(OLD);
  });

  it("leaves the tag to an image that was pushed since the last rollout failed", async () => {
    aws.describe(service());
    aws.hasDeployed([{ status: "ROLLBACK_SUCCESSFUL" }, { digest: OLD }]);
    aws.pushes[NEW] = new Date("2026-01-01T00:01:00Z");

    expect((await failure(follow())).message).not.toContain("The tag");
    nothingHasChanged();
  });

  it("waits while ECS is on its way back, and says where it could not get there", async () => {
    aws.hasDeployed(
      [{ status: "ROLLBACK_IN_PROGRESS" }, { digest: OLD }],
      [{ status: "ROLLBACK_FAILED" }, { digest: OLD }],
    );

    expect((await failure(follow())).message).toContain("ECS could not go back to what ran before");
  });
});

async function run(options: Partial<DeployOptions> = {}) {
  return deploy(deployed, { globals, wait: true, timeoutMinutes: 1, intervalMs: 1, ...options });
}

async function failure(work: Promise<unknown>): Promise<Problem> {
  return work.then(
    () => {
      throw new Error("it succeeded");
    },
    (error: Problem) => error,
  );
}

function nothingHasChanged(): void {
  expect(aws.updates).toEqual([]);
  expect(aws.tags).toEqual({ latest: NEW, v1: OLD, v2: NEW });
}
