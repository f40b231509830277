import {
  type ContainerDefinition,
  DescribeTasksCommand,
  ListTasksCommand,
  type Service,
  type Task,
} from "@aws-sdk/client-ecs";
import type { BackendClients } from "./aws-client";
import { lastLines, type LogStream } from "./log-events";
import type { Backend } from "./service";
import { readTargets } from "./targets";

/** Why tasks do not run, in the words of whoever operates this. */
export interface Failure {
  readonly reason: string;
  /** What to do. */
  readonly remedy: string;
}

/** What AWS says about tasks that do not run. */
export interface Evidence {
  /** Stopped tasks, newest first. */
  readonly tasks: readonly Task[];
  /** Messages of the service, newest first. */
  readonly events: readonly string[];
  /** What the load balancer says about unhealthy targets. */
  readonly targets: readonly string[];
  /** The last lines of the newest stopped task. They are the application's own words. */
  readonly logLines: readonly string[];
}

interface Rule {
  readonly pattern: RegExp;
  explain(match: RegExpExecArray, backend: Explained): readonly [reason: string, remedy: string];
}

/** What explanations need to know of the backend. */
export type Explained = Pick<Backend, "taskDefinition" | "container">;

const APPLY = "Deploy once more, Terraform puts it right: npx cdktf deploy";
const NETWORK =
  "Tasks reach AWS through the NAT gateways: see whether they are there, and that nobody changed route tables, security groups or network ACLs. Terraform puts them right: npx cdktf deploy";

/**
 * What AWS says, and what it means here. The first rule that finds something wins, so they go from the special
 * to the general.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html#target-health-reason-codes
 */
const RULES: readonly Rule[] = [
  {
    pattern: /descriptor (?:matching|for) platform|no match for platform|exec format error/i,
    explain: (_, { taskDefinition }) => {
      const isArm = taskDefinition.runtimePlatform?.cpuArchitecture === "ARM64";
      return [
        `The image was built for another CPU architecture than the tasks have (${isArm ? "ARM64" : "X86_64"}).`,
        `Build it with --platform ${isArm ? "linux/arm64" : "linux/amd64"} and push it, or set backend_cpu_architecture = "${isArm ? "X86_64" : "ARM64"}" and deploy with Terraform.`,
      ];
    },
  },
  {
    pattern: /CannotPull\w*Error:.*(?:not found|does not exist|manifest unknown)/is,
    explain: (_, { container }) => [
      `The image ${container.image} is not in the repository.`,
      "Push it: npm run ops -- images push --backend <directory>",
    ],
  },
  {
    pattern: /CannotPull\w*Error:.*(?:40[13]|denied|not authorized)/is,
    explain: () => ["The tasks may not pull the image: their execution role lacks the permission.", APPLY],
  },
  {
    pattern: /CannotPull\w*Error:.*(?:timeout|connection issue|deadline exceeded)/is,
    explain: () => ["The tasks cannot reach the image repository.", NETWORK],
  },
  {
    pattern:
      /ResourceInitializationError:.*(?:RequestCanceled|RequestError|deadline exceeded|connection issue|timeout)/is,
    explain: () => ["The tasks cannot reach Secrets Manager or the image repository.", NETWORK],
  },
  {
    pattern: /ResourceInitializationError:.*secret.*(?:AccessDenied|not authorized)/is,
    explain: ({ input }) => [
      `The tasks may not read the secret${secretName(input)}: their execution role lacks the permission.`,
      APPLY,
    ],
  },
  {
    pattern: /ResourceInitializationError:.*secret.*(?:ResourceNotFound|can't find|marked for deletion)/is,
    explain: ({ input }) => [
      `The secret${secretName(input)} was deleted, or has no value.`,
      "Restore it with aws secretsmanager restore-secret --secret-id <name>, or deploy once more: npx cdktf deploy",
    ],
  },
  {
    pattern: /ResourceInitializationError:.*(?:log (?:group|stream)|logger)/is,
    explain: () => [
      "The tasks cannot write their log: the log group is gone, or may not be written to.",
      APPLY,
    ],
  },
  {
    pattern: /OutOfMemoryError/,
    explain: (_, { taskDefinition }) => [
      `The container needed more memory than a task has (${taskDefinition.memory} MiB).`,
      "Raise backend_memory in terraform.tfvars, and deploy: npx cdktf deploy",
    ],
  },
  {
    pattern: /Health checks failed with these codes: \[(40[13])\]/,
    explain: ([, code]) => [
      `The health check is answered with ${code}: the application asks for its API key there, and a load balancer cannot send one.`,
      `Set health_check_matcher = "200,${code}" in terraform.tfvars, and deploy: npx cdktf deploy`,
    ],
  },
  {
    pattern: /Health checks failed with these codes: \[(404)\]/,
    explain: () => [
      "The health check is answered with 404: the application does not know that path.",
      "Set health_check_path in terraform.tfvars to one that it answers, and deploy: npx cdktf deploy",
    ],
  },
  {
    pattern: /Health checks failed with these codes: \[(5\d\d)\]/,
    explain: ([, code]) => [
      `The health check is answered with ${code}: the application starts, but something that it needs does not work.`,
      "Its log says what: npm run ops -- logs",
    ],
  },
  {
    pattern: /Health checks failed with these codes: \[([\d, ]+)\]/,
    explain: ([, code]) => [
      `The health check is answered with ${code}, which does not count as healthy.`,
      "Set health_check_path to a path that answers 200, or health_check_matcher to the code, and deploy: npx cdktf deploy",
    ],
  },
  {
    pattern: /Request timed out|Target\.Timeout|Health checks failed(?! with)|failed ELB health checks/i,
    explain: (_, { container }) => {
      const port = container.portMappings?.[0]?.containerPort;
      return [
        `Nothing answers the health check on port ${port} in time.`,
        "The application must listen on 0.0.0.0, on the port that backend_port names. If it only starts slowly, raise health_check_grace_period. Then deploy: npx cdktf deploy",
      ];
    },
  },
  {
    pattern: /CannotStartContainerError:.*(?:executable file not found|no such file or directory)/is,
    explain: () => [
      "The image's command does not exist in the image.",
      "Correct CMD or ENTRYPOINT in its Dockerfile, build and push it.",
    ],
  },
  {
    pattern: /limit on the number of (?:tasks|vCPUs)/i,
    explain: () => [
      "The account's quota of Fargate vCPUs is used up.",
      'Ask for more in the Service Quotas console ("Fargate On-Demand vCPU resource count"), or lower backend_max_count.',
    ],
  },
  {
    pattern: /Capacity is unavailable/i,
    explain: () => [
      "AWS has no Fargate capacity left in these zones at the moment.",
      "Try again later. With Fargate Spot, use_fargate_spot = false takes capacity that AWS does not reclaim.",
    ],
  },
  {
    pattern: /not enough free addresses|insufficient free addresses|InsufficientFreeAddresses/i,
    explain: () => [
      "A private subnet has no free address left for another task.",
      "Lower backend_max_count, or wait until old tasks have ended.",
    ],
  },
  {
    pattern: /Spot Task was interrupted|SpotInterruption/i,
    explain: () => ["AWS took Fargate Spot capacity back.", "Try again, or set use_fargate_spot = false."],
  },
  {
    pattern: /container ended with exit code (\d+)/,
    explain: ([, code]) =>
      code === "0"
        ? [
            "The application ended by itself, without an error. A service has to go on running.",
            "See what the image's CMD starts.",
          ]
        : [
            `The application ended by itself with exit code ${code}.`,
            "Its last lines say why: npm run ops -- logs",
          ],
  },
];

/** Explains what AWS says. `fallback` is told when no rule fits. */
export function explainFailure(evidence: Evidence, backend: Explained, fallback: string): Failure {
  const texts = [
    ...evidence.tasks.flatMap(textsOf),
    ...evidence.targets,
    ...evidence.events,
    ...evidence.logLines.filter((line) => line.includes("exec format error")),
  ];
  for (const { pattern, explain } of RULES) {
    for (const text of texts) {
      const match = pattern.exec(text);
      if (match) {
        const [reason, remedy] = explain(match, backend);
        return { reason, remedy };
      }
    }
  }
  const [stopped] = evidence.tasks.flatMap(({ stoppedReason }) => stoppedReason ?? []);
  return { reason: stopped ?? fallback, remedy: "See what happened: npm run ops -- status" };
}

function textsOf({ stopCode, stoppedReason, containers = [] }: Task): string[] {
  const reasons = [stoppedReason, ...containers.map(({ reason }) => reason)].flatMap((each) => each ?? []);
  if (stopCode !== "EssentialContainerExited") return reasons;
  return [
    ...reasons,
    ...containers.flatMap(({ exitCode }) =>
      exitCode === undefined ? [] : [`container ended with exit code ${exitCode}`],
    ),
  ];
}

/** ` time-series-analyzer-api-key`, from the ARN in a text. AWS adds six characters to a secret's name. */
function secretName(text: string): string {
  const [, name] = /:secret:([\w/+=.@-]+?)(?:-\w{6})?(?=[\s:"']|$)/.exec(text) ?? [];
  return name === undefined ? "" : ` ${name}`;
}

/** How many last lines of a failed task are shown. */
const LOG_LINES = 10;

/** Gathers what AWS says about the tasks of one deployment. AWS forgets stopped tasks after about an hour. */
export async function readEvidence(
  { ecs, elb, logs }: BackendClients,
  backend: Backend,
  deployment: { readonly id?: string | undefined; readonly createdAt?: Date | undefined },
  state: Service,
  signal: AbortSignal,
): Promise<Evidence> {
  const { cluster, service, container } = backend;
  const { taskArns = [] } = await ecs.send(
    new ListTasksCommand({ cluster, serviceName: service, desiredStatus: "STOPPED" }),
    { abortSignal: signal },
  );
  const { tasks = [] } =
    taskArns.length > 0
      ? await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }), { abortSignal: signal })
      : {};
  const own = tasks
    .filter(({ startedBy }) => startedBy === deployment.id)
    .sort((a, b) => Number(b.stoppedAt ?? 0) - Number(a.stoppedAt ?? 0));
  const stream = own[0] && logStreamOf(own[0], container);
  return {
    tasks: own,
    events: (state.events ?? [])
      .filter(({ createdAt }) => Number(createdAt) >= Number(deployment.createdAt ?? 0))
      .flatMap(({ message }) => message ?? []),
    targets: (await readTargets(elb, state, signal)).flatMap(({ State, Description }) =>
      State === "unhealthy" ? (Description ?? []) : [],
    ),
    logLines: stream ? await lastLines(logs, stream, LOG_LINES, signal) : [],
  };
}

/** Where a task's container writes its log, when it writes one. */
export function logStreamOf(
  { taskArn = "" }: Task,
  { name, logConfiguration }: ContainerDefinition,
): LogStream | undefined {
  const { "awslogs-group": group, "awslogs-stream-prefix": prefix } = logConfiguration?.options ?? {};
  return group && prefix ? { group, stream: `${prefix}/${name}/${taskArn.split("/").at(-1)}` } : undefined;
}
