import {
  DeregisterTaskDefinitionCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
} from "@aws-sdk/client-ecs";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { forwardPort } from "../../../ops/db/port-forwarding";
import { withTunnel } from "../../../ops/db/tunnel";
import { fakeAccess } from "./access";

// Files share one cache of modules: none may come from a file that mocked others, or go to one that does not.
vi.hoisted(() => vi.resetModules());
afterAll(() => void vi.resetModules());

// ECS answers as its API reference says: the emulator runs no tasks. No process, and no waiting.
vi.mock("../../../ops/db/port-forwarding", () => ({ checkPlugin: vi.fn(), forwardPort: vi.fn() }));
vi.mock("node:timers/promises", () => ({ setTimeout: vi.fn(async () => undefined) }));

const TASK = "arn:aws:ecs:us-west-2:123456789012:task/the-cluster/0123456789abcdef";
const STOP = "aws ecs stop-task --region us-west-2 --cluster the-cluster --task 0123456789abcdef";
const DESTINATION = { host: "the-host", port: 5432 };

const ecs = mockClient(ECSClient);
afterAll(() => ecs.restore());

beforeEach(() => {
  ecs.reset();
  ecs.on(DescribeServicesCommand).resolves({
    services: [
      {
        status: "ACTIVE",
        enableExecuteCommand: true,
        taskDefinition: "the-family:7",
        networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"], securityGroups: ["sg-1"] } },
      },
    ],
  });
  ecs.on(DescribeTaskDefinitionCommand).resolves({
    taskDefinition: {
      family: "the-family",
      taskRoleArn: "the-task-role",
      executionRoleArn: "the-execution-role",
      runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
      containerDefinitions: [{ image: "the-image", secrets: [{ name: "API_KEY", valueFrom: "a-secret" }] }],
    },
  });
  ecs.on(ListTasksCommand).resolves({ taskArns: [] });
  ecs.on(RegisterTaskDefinitionCommand).resolves({
    taskDefinition: { taskDefinitionArn: "the-family-tunnel:1" },
  });
  ecs.on(RunTaskCommand).resolves({ tasks: [{ taskArn: TASK }], failures: [] });
  ecs.on(DescribeTasksCommand).resolves({ tasks: [running] });
  vi.mocked(forwardPort).mockReset();
  vi.mocked(forwardPort).mockResolvedValue({
    localPort: 15432,
    ended: new Promise(() => undefined),
    close: vi.fn(),
  });
});

const running = {
  taskArn: TASK,
  lastStatus: "RUNNING",
  containers: [
    {
      runtimeId: "the-runtime",
      managedAgents: [{ name: "ExecuteCommandAgent" as const, lastStatus: "RUNNING" }],
    },
  ],
};

describe("a tunnel", () => {
  it("runs where the service runs, from its image and roles, without its secrets, and ends by itself", async () => {
    await withTunnel(fakeAccess(), 2, async (tunnel) => tunnel.forward(DESTINATION));

    const [register] = ecs.commandCalls(RegisterTaskDefinitionCommand);
    expect(register?.args[0].input).toEqual({
      family: "the-family-tunnel",
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      cpu: "256",
      memory: "512",
      taskRoleArn: "the-task-role",
      executionRoleArn: "the-execution-role",
      runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
      containerDefinitions: [
        {
          name: "tunnel",
          image: "the-image",
          essential: true,
          entryPoint: ["sleep"],
          command: ["7200"],
          linuxParameters: { initProcessEnabled: true },
        },
      ],
    });
    expect(ecs.commandCalls(RunTaskCommand)[0]?.args[0].input).toMatchObject({
      networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"], securityGroups: ["sg-1"] } },
      enableExecuteCommand: true,
    });
    expect(vi.mocked(forwardPort).mock.calls[0]?.[1]).toMatchObject({
      target: "ecs:the-cluster_0123456789abcdef_the-runtime",
      ...DESTINATION,
    });
  });

  it("leaves no task and no active revision behind, also when its use fails", async () => {
    const failing = withTunnel(fakeAccess(), 1, async () => Promise.reject(new Error("of the use")));

    await expect(failing).rejects.toThrow("of the use");
    expect(ecs.commandCalls(StopTaskCommand)[0]?.args[0].input).toMatchObject({ task: TASK });
    expect(ecs.commandCalls(DeregisterTaskDefinitionCommand)[0]?.args[0].input).toEqual({
      taskDefinition: "the-family-tunnel:1",
    });
  });

  it("stops the task after Ctrl-C while it waits", async () => {
    const controller = new AbortController();
    ecs.on(DescribeTasksCommand).callsFake(() => {
      controller.abort(new Error("Ctrl-C"));
      throw Object.assign(new Error("aborted"), { name: "AbortError" });
    });

    await expect(withTunnel(fakeAccess(controller.signal), 1, vi.fn())).rejects.toThrow("Ctrl-C");
    expect(ecs.commandCalls(StopTaskCommand)).toHaveLength(1);
  });

  it("waits for a network that drops", async () => {
    ecs
      .on(DescribeTasksCommand)
      .rejectsOnce(Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" }))
      .resolvesOnce({ tasks: [] })
      .resolves({ tasks: [running] });

    expect(await withTunnel(fakeAccess(), 1, async () => "open")).toBe("open");
  });

  it("says what still runs, until when, and how to stop it when the credentials expire meanwhile", async () => {
    const access = fakeAccess();
    const expired = Object.assign(new Error("expired"), { name: "ExpiredTokenException" });
    ecs.on(DescribeTasksCommand).rejects(expired).on(StopTaskCommand).rejects(expired);

    await expect(withTunnel(access, 1, vi.fn())).rejects.toMatchObject({
      message: expect.stringContaining("does not take the credentials"),
      remedy: expect.stringContaining("aws sso login"),
      exitCode: 1,
    });
    expect(access.said.join("\n")).toMatch(/It ends by itself at \d{4}-/);
    expect(access.said.join("\n")).toContain(STOP);
  });

  it("says why the task ended before it could be used", async () => {
    ecs.on(DescribeTasksCommand).resolves({
      tasks: [{ lastStatus: "STOPPED", stoppedReason: "CannotPullContainerError: not found" }],
    });

    await expect(withTunnel(fakeAccess(), 1, vi.fn())).rejects.toMatchObject({
      message: expect.stringContaining("CannotPullContainerError: not found"),
      remedy: expect.stringContaining("push"),
    });
  });

  it("gives up on an agent that does not come, and says which port it needs", async () => {
    ecs.on(DescribeTasksCommand).resolves({ tasks: [{ lastStatus: "RUNNING", containers: [{}] }] });

    await expect(withTunnel(fakeAccess(), 1, vi.fn())).rejects.toMatchObject({
      remedy: expect.stringContaining("443"),
    });
    expect(ecs.commandCalls(StopTaskCommand)).toHaveLength(1);
  });

  it("starts nothing while sessions are not allowed", async () => {
    ecs
      .on(DescribeServicesCommand)
      .resolves({ services: [{ status: "ACTIVE", enableExecuteCommand: false, networkConfiguration: {} }] });

    await expect(withTunnel(fakeAccess(), 1, vi.fn())).rejects.toMatchObject({
      remedy: expect.stringContaining("enable_execute_command = true"),
      exitCode: 2,
    });
    expect(ecs.commandCalls(RegisterTaskDefinitionCommand)).toHaveLength(0);
  });

  it("adds to a failure that the session had ended before", async () => {
    vi.mocked(forwardPort).mockResolvedValue({
      localPort: 1,
      ended: Promise.resolve("Your session timed out due to inactivity."),
      close: vi.fn(),
    });

    const failing = withTunnel(fakeAccess(), 1, async (tunnel) => {
      await tunnel.forward(DESTINATION);
      throw new Error("server closed the connection");
    });

    await expect(failing).rejects.toThrow(/server closed the connection\n.*timed out due to inactivity/);
  });

  it("names the tunnels of others, and stops none of them", async () => {
    const access = fakeAccess();
    const other = TASK.replace("0123", "4567");
    ecs.on(ListTasksCommand).resolves({ taskArns: ["of-the-service", other] });
    ecs
      .on(DescribeTasksCommand, { tasks: ["of-the-service", other] })
      .resolves({
        tasks: [
          { taskArn: "of-the-service", startedBy: "ecs-svc/1" },
          { taskArn: other, startedBy: "ops-db/alice", createdAt: new Date(0) },
        ],
      })
      .on(DescribeTasksCommand, { tasks: [TASK] })
      .resolves({ tasks: [running] });

    await withTunnel(access, 1, vi.fn());

    expect(access.said[0]).toContain("by ops-db/alice");
    expect(access.said[0]).toContain("--task 4567456789abcdef");
    expect(access.said.join()).not.toContain("of-the-service");
    expect(ecs.commandCalls(StopTaskCommand).map(({ args }) => args[0].input.task)).toEqual([TASK]);
  });
});
