import { userInfo } from "node:os";
import {
  DeregisterTaskDefinitionCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
  type ECSClient,
  type NetworkConfiguration,
  type Task,
  type TaskDefinition,
} from "@aws-sdk/client-ecs";
import type { Report } from "../../local/step";
import type { Deployment } from "../deployment";
import { EXIT, Problem } from "../problem";
import { call, waitFor } from "./aws-calls";

const CONTAINER = "tunnel";
/** What the tasks of tunnels are known by. The name of a user follows. */
export const STARTED_BY = "ops-db/";
const READY_WITHIN_SECONDS = 300;
const HOUR_MS = 3_600_000;

/** How the tasks of the service run: where the database lets in, and what a session needs. */
export interface Service {
  readonly cluster: string;
  readonly definition: TaskDefinition;
  readonly network: NetworkConfiguration;
}

/** A task that does nothing but hold the way open. */
export interface TunnelTask {
  readonly arn: string;
  readonly cluster: string;
  /** When it ends by itself, whatever becomes of this machine. */
  readonly endsAt: Date;
}

/**
 * Asks ECS how the tasks of the service run.
 *
 * @throws Problem when the service is gone, or sessions into its tasks are not allowed.
 */
export async function readService(
  ecs: ECSClient,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<Service> {
  const cluster = deployment.text("ecs_cluster_name");
  const name = deployment.text("ecs_service_name");
  const { services = [] } = await call(signal, (options) =>
    ecs.send(new DescribeServicesCommand({ cluster, services: [name] }), options),
  );
  const service = services.find(({ status }) => status === "ACTIVE");
  if (!service?.networkConfiguration) {
    throw new Problem(
      `ECS has no service ${name} in ${cluster}, although the state has it.`,
      "Ask Terraform what is missing: terraform plan",
    );
  }
  if (!service.enableExecuteCommand) {
    throw new Problem(
      "Sessions into tasks are not allowed: the tasks' role lacks the permission to open one.",
      "Set enable_execute_command = true in terraform.tfvars, and deploy: npx cdktf deploy\n" +
        "It restarts no task, and can be set back afterwards.",
    );
  }
  const { taskDefinition } = await call(signal, (options) =>
    ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: service.taskDefinition }), options),
  );
  if (!taskDefinition) throw new Error(`ECS does not describe ${service.taskDefinition}`);
  return { cluster, definition: taskDefinition, network: service.networkConfiguration };
}

/** The tasks of other tunnels: of other people, or of a machine that died. */
export async function otherTunnels(
  ecs: ECSClient,
  { cluster }: Service,
  signal: AbortSignal,
): Promise<Task[]> {
  const { taskArns = [] } = await call(signal, (options) =>
    ecs.send(new ListTasksCommand({ cluster }), options),
  );
  if (taskArns.length === 0) return [];
  const { tasks = [] } = await call(signal, (options) =>
    ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }), options),
  );
  return tasks.filter(({ desiredStatus, startedBy = "" }) => {
    return desiredStatus !== "STOPPED" && startedBy.startsWith(STARTED_BY);
  });
}

/**
 * Starts the task, in a task definition of its own: RunTask can replace the command of the service's, but
 * neither the image's entry point, which the command would be handed to, nor the application's secrets.
 *
 * No signal stops it half-way: a task that nobody has the name of could not be stopped.
 *
 * @param hours - After so many the task ends by itself.
 */
export async function startTask(ecs: ECSClient, service: Service, hours: number): Promise<TunnelTask> {
  const { cluster, definition, network } = service;
  const unstoppable = new AbortController().signal;
  const { taskDefinition } = await call(unstoppable, (options) =>
    ecs.send(
      new RegisterTaskDefinitionCommand({
        family: familyOf(service),
        networkMode: "awsvpc",
        requiresCompatibilities: ["FARGATE"],
        // The smallest that Fargate has.
        cpu: "256",
        memory: "512",
        runtimePlatform: definition.runtimePlatform,
        executionRoleArn: definition.executionRoleArn,
        taskRoleArn: definition.taskRoleArn,
        containerDefinitions: [
          {
            name: CONTAINER,
            image: definition.containerDefinitions?.[0]?.image,
            essential: true,
            entryPoint: ["sleep"],
            command: [String(hours * 3600)],
            // It ends sleep at once when the task is stopped, and the processes of sessions.
            linuxParameters: { initProcessEnabled: true },
          },
        ],
      }),
      options,
    ),
  );
  const revision = taskDefinition?.taskDefinitionArn;
  try {
    const { tasks = [], failures = [] } = await call(unstoppable, (options) =>
      ecs.send(
        new RunTaskCommand({
          cluster,
          taskDefinition: revision,
          launchType: "FARGATE",
          networkConfiguration: network,
          enableExecuteCommand: true,
          enableECSManagedTags: true,
          startedBy: startedBy(),
        }),
        options,
      ),
    );
    const arn = tasks[0]?.taskArn;
    if (!arn) {
      throw new Problem(
        `ECS did not start a task: ${failures.map(({ reason }) => reason).join(", ") || "no reason given"}.`,
        "Try again in a minute.",
        EXIT.failed,
      );
    }
    return { arn, cluster, endsAt: new Date(Date.now() + hours * HOUR_MS) };
  } finally {
    // A running task keeps going without it, and a revision that stays behind costs nothing.
    await call(unstoppable, (options) =>
      ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: revision }), options),
    ).catch(() => undefined);
  }
}

/**
 * Waits until the task can be connected to. Returns the target of sessions into it.
 *
 * @throws Problem when it stops instead, with ECS's reason.
 */
export async function waitForAgent(
  ecs: ECSClient,
  { arn, cluster }: TunnelTask,
  signal: AbortSignal,
  report: Report,
): Promise<string> {
  const target = await waitFor({
    everySeconds: 3,
    forSeconds: READY_WITHIN_SECONDS,
    signal,
    report,
    ask: async () => {
      const { tasks = [] } = await call(signal, (options) =>
        ecs.send(new DescribeTasksCommand({ cluster, tasks: [arn] }), options),
      );
      // ECS may not know the task yet: what one of its machines is told reaches the others later.
      const [task] = tasks;
      if (!task) return undefined;
      const [container] = task.containers ?? [];
      const agent = container?.managedAgents?.find(({ name }) => name === "ExecuteCommandAgent");
      if (task.lastStatus === "STOPPED" || agent?.lastStatus === "STOPPED")
        throw stopped(task, agent?.reason);
      report(
        `${task.lastStatus?.toLowerCase()}, its agent ${agent?.lastStatus?.toLowerCase() ?? "is not there yet"}`,
      );
      if (agent?.lastStatus !== "RUNNING" || !container?.runtimeId) return undefined;
      return `ecs:${cluster}_${taskId(arn)}_${container.runtimeId}`;
    },
  });
  if (!target) {
    throw new Problem(
      `The task was not ready for a session within ${READY_WITHIN_SECONDS / 60} minutes.`,
      "Its agent reaches Systems Manager on port 443: backend_egress_ports must have it.",
      EXIT.failed,
    );
  }
  return target;
}

/** Stops the task. */
export async function stopTask(
  ecs: ECSClient,
  { arn, cluster }: TunnelTask,
  signal: AbortSignal,
): Promise<void> {
  await call(signal, (options) =>
    ecs.send(new StopTaskCommand({ cluster, task: arn, reason: "ops db: the tunnel is closed" }), options),
  );
}

/** The command that stops a task, for whoever has to do it by hand. */
export function stopCommand(arn: string, cluster: string, region: string): string {
  return `aws ecs stop-task --region ${region} --cluster ${cluster} --task ${taskId(arn)}`;
}

function stopped(task: Task, agentReason: string | undefined): Problem {
  const reasons = [task.stoppedReason, task.containers?.[0]?.reason, agentReason].filter(Boolean);
  const reason = reasons.join(" ") || "no reason given";
  return new Problem(
    `The task ended before the way was open: ${reason}`,
    reason.includes("CannotPullContainer")
      ? "It runs the backend's image: push that first."
      : "Try again. docs/database.md says what the task needs.",
    EXIT.failed,
  );
}

/** Of its own: the service's is Terraform's. */
function familyOf({ definition }: Service): string {
  return `${definition.family}-tunnel`;
}

/** Who it is for, in the characters that ECS allows. */
function startedBy(): string {
  return `${STARTED_BY}${userInfo().username}`.replace(/[^\w/-]/g, "-").slice(0, 128);
}

function taskId(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}
