import {
  DeregisterTaskDefinitionCommand,
  DescribeTasksCommand,
  type ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  type Task,
} from "@aws-sdk/client-ecs";
import type { BackendClients } from "./aws-client";
import { explainFailure, type Failure, logStreamOf } from "./failure";
import { lastLines } from "./log-events";
import { EXIT, Problem } from "./problem";
import type { Backend } from "./service";
import { leaving, watch, type Watch } from "./watch";

export interface MigrationOptions extends Watch {
  readonly clients: BackendClients;
  readonly backend: Backend;
  /** Image to run, `<repository>@<digest>`. */
  readonly image: string;
  /** A line for `sh -c`. It stands in the task definition, where everybody with access to ECS can read it. */
  readonly command: string;
}

/** How a migration ended. */
export interface MigrationResult {
  /** `undefined` when its container never started. */
  readonly exitCode: number | undefined;
  /** The last lines that it wrote. */
  readonly logLines: readonly string[];
  /** Why it failed. */
  readonly failure: Failure | undefined;
}

/** What a migration's task says who started it, by which others find it. */
export const STARTED_BY = "ops-deploy-migrate";
const LOG_LINES = 20;

/** @throws Problem when a migration runs, whoever started it: nothing ends one but itself, or somebody by hand. */
export async function assertNoMigration(
  ecs: ECSClient,
  { cluster }: Pick<Backend, "cluster">,
  signal: AbortSignal,
): Promise<void> {
  const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster, startedBy: STARTED_BY }), {
    abortSignal: signal,
  });
  const [taskArn] = taskArns;
  if (taskArn === undefined) return;
  const { createdAt } = await describeTask(ecs, cluster, { taskArn }, signal);
  throw new Problem(
    `A migration is going on since ${createdAt?.toISOString() ?? "a while"}, as task ${idOf({ taskArn })}.`,
    remedyFor(cluster, { taskArn }),
  );
}

/**
 * Runs a command once, as a task of its own: from the image that is about to be deployed, with the network, the
 * roles and the secrets of the service. The service does not notice.
 *
 * `RunTask` cannot override an image, so the task has a definition of its own, in a family of its own; Terraform
 * never sees it.
 *
 * @throws Problem when it does not end in time, and when AWS starts no task.
 */
export async function runMigration(options: MigrationOptions): Promise<MigrationResult> {
  const { clients, backend, signal, report, timeoutMs } = options;
  const { ecs, logs } = clients;
  const { name } = backend.container;
  const definition = await registerDefinition(ecs, options);
  const container = definition.containerDefinitions?.[0] ?? backend.container;
  const taskDefinition = definition.taskDefinitionArn ?? "";
  try {
    signal.throwIfAborted();
    const started = await startTask(ecs, backend, taskDefinition);
    const id = idOf(started);
    const unattended = {
      state: `The migration goes on in AWS, as task ${id}. The service is untouched.`,
      remedy: remedyFor(backend.cluster, started),
    };
    return await leaving(unattended, signal, async () => {
      const stopped = await watch(async () => {
        const task = await describeTask(ecs, backend.cluster, started, signal);
        report(`task ${id}: ${(task.lastStatus ?? "unknown").toLowerCase()}`);
        return task.lastStatus === "STOPPED" ? task : undefined;
      }, options);
      if (!stopped) {
        throw new Problem(
          `The migration has not ended after ${timeoutMs / 60_000} minutes. ${unattended.state}`,
          unattended.remedy,
          EXIT.failed,
        );
      }
      const exitCode = stopped.containers?.find((each) => each.name === name)?.exitCode;
      const stream = logStreamOf(stopped, container);
      const logLines = stream ? await lastLines(logs, stream, LOG_LINES, signal) : [];
      const evidence = { tasks: [stopped], events: [], targets: [], logLines };
      const failure =
        exitCode === 0
          ? undefined
          : explainFailure(evidence, { ...backend, container }, "AWS does not say why its task stopped.");
      return { exitCode, logLines, failure };
    });
  } finally {
    // Also after Ctrl-C: a task that runs does not need its definition any more.
    await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition })).catch(() => undefined);
  }
}

/** No signal stops it half-way: a definition that nobody has the name of would stay for ever. */
async function registerDefinition(
  ecs: ECSClient,
  { backend: { taskDefinition, container }, image, command }: MigrationOptions,
) {
  const { logConfiguration } = container;
  const { taskDefinition: registered } = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: `${taskDefinition.family}-migration`,
      networkMode: taskDefinition.networkMode,
      requiresCompatibilities: ["FARGATE"],
      cpu: taskDefinition.cpu,
      memory: taskDefinition.memory,
      runtimePlatform: taskDefinition.runtimePlatform,
      executionRoleArn: taskDefinition.executionRoleArn,
      taskRoleArn: taskDefinition.taskRoleArn,
      containerDefinitions: [
        {
          name: container.name,
          image,
          // Not the image's ENTRYPOINT, which may be the server: just what was asked for.
          entryPoint: ["sh", "-c"],
          command: [command],
          essential: true,
          environment: container.environment,
          secrets: container.secrets,
          linuxParameters: container.linuxParameters,
          logConfiguration: logConfiguration && {
            ...logConfiguration,
            options: { ...logConfiguration.options, "awslogs-stream-prefix": "migration" },
          },
        },
      ],
    }),
  );
  if (!registered) throw new Error("ECS registered no task definition for the migration");
  return registered;
}

/** No signal stops it half-way: the migration would run, and nobody would be told. */
async function startTask(ecs: ECSClient, { cluster, state }: Backend, taskDefinition: string): Promise<Task> {
  const { tasks, failures } = await ecs.send(
    new RunTaskCommand({
      cluster,
      taskDefinition,
      count: 1,
      // Never on Spot, even where the service is: AWS must not take it back half way.
      launchType: "FARGATE",
      networkConfiguration: state.networkConfiguration ?? state.deployments?.[0]?.networkConfiguration,
      startedBy: STARTED_BY,
      enableECSManagedTags: true,
    }),
  );
  const [task] = tasks ?? [];
  if (task) return task;
  throw new Problem(
    `AWS started no task for the migration: ${failures?.[0]?.reason ?? "it does not say why"}. The service is untouched.`,
    "Try again.",
    EXIT.failed,
  );
}

async function describeTask(
  ecs: ECSClient,
  cluster: string,
  { taskArn = "" }: Task,
  signal: AbortSignal,
): Promise<Task> {
  const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [taskArn] }), {
    abortSignal: signal,
  });
  return tasks?.[0] ?? {};
}

function remedyFor(cluster: string, task: Task): string {
  return `See how it ends: npm run ops -- logs --follow\nEnd it half-way: aws ecs stop-task --cluster ${cluster} --task ${idOf(task)}`;
}

function idOf({ taskArn = "" }: Task): string {
  return taskArn.split("/").at(-1) ?? "";
}
