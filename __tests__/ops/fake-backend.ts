import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { BatchGetImageCommand, DescribeImagesCommand, ECRClient, PutImageCommand } from "@aws-sdk/client-ecr";
import {
  type Deployment as EcsDeployment,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  type Service,
  type ServiceDeploymentStatus,
  type Task,
  type TaskDefinition,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import {
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { mockClient } from "aws-sdk-client-mock";
import { Deployment } from "../../ops/deployment";
import type { Globals } from "../../ops/globals";

/**
 * A fake of the AWS APIs around one ECS service, because the emulator runs no tasks: its rollouts neither end nor
 * fail. What it answers is shaped as AWS documents it; no answer was recorded from a real account.
 */

export const REPOSITORY = "123456789012.dkr.ecr.us-west-2.amazonaws.com/app-backend";
export const OLD = digest("0");
export const NEW = digest("1");

/** `sha256:` and 64 times the same digit. */
export function digest(digit: string): string {
  return `sha256:${digit.repeat(64)}`;
}

/** ARN of a revision of the backend's task definition. */
export function revision(number: number): string {
  return `arn:aws:ecs:us-west-2:123456789012:task-definition/app-backend:${number}`;
}

export const deployed = new Deployment(
  Object.fromEntries(
    Object.entries({
      aws_region: "us-west-2",
      ecs_cluster_name: "app-cluster",
      ecs_service_name: "app-backend-service",
      ecs_log_group_name: "/ecs/app",
      backend_ecr_url: REPOSITORY,
      alarm_topic_arn: "arn:aws:sns:us-west-2:123456789012:app-alarms",
      database_endpoint: "app-db.abc.us-west-2.rds.amazonaws.com:5432",
    }).map(([name, value]) => [name, { value, sensitive: false }]),
  ),
);

export const globals: Globals = { directory: "stack", json: true, signal: new AbortController().signal };

/** What ECS describes while the deployment `ecs-svc/2` is on its way. */
export function deployment(changes: Partial<EcsDeployment> = {}): EcsDeployment {
  return {
    id: "ecs-svc/2",
    status: "PRIMARY",
    rolloutState: "IN_PROGRESS",
    taskDefinition: revision(7),
    desiredCount: 2,
    runningCount: 0,
    pendingCount: 2,
    failedTasks: 0,
    createdAt: new Date("2026-01-01T10:00:00Z"),
    ...changes,
  };
}

/** The service, steady, as it was before. */
export function service(changes: Partial<Service> = {}): Service {
  const before = deployment({
    id: "ecs-svc/1",
    rolloutState: "COMPLETED",
    runningCount: 2,
    pendingCount: 0,
    createdAt: new Date("2026-01-01T09:00:00Z"),
  });
  return {
    serviceName: "app-backend-service",
    status: "ACTIVE",
    taskDefinition: revision(7),
    desiredCount: 2,
    runningCount: 2,
    pendingCount: 0,
    deployments: [before],
    events: [],
    loadBalancers: [{ targetGroupArn: "arn:target-group", containerName: "backend", containerPort: 8000 }],
    networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"], securityGroups: ["sg-1"] } },
    ...changes,
  };
}

export function taskDefinition(changes: Partial<TaskDefinition> = {}): TaskDefinition {
  return {
    taskDefinitionArn: revision(7),
    family: "app-backend",
    status: "ACTIVE",
    cpu: "256",
    memory: "512",
    networkMode: "awsvpc",
    executionRoleArn: "arn:execution-role",
    taskRoleArn: "arn:task-role",
    runtimePlatform: { cpuArchitecture: "X86_64", operatingSystemFamily: "LINUX" },
    containerDefinitions: [
      {
        name: "backend",
        image: `${REPOSITORY}:latest`,
        portMappings: [{ containerPort: 8000 }],
        environment: [{ name: "ENVIRONMENT", value: "prod" }],
        secrets: [{ name: "DATABASE_URL", valueFrom: "arn:secret" }],
        logConfiguration: {
          logDriver: "awslogs",
          options: { "awslogs-group": "/ecs/app", "awslogs-stream-prefix": "ecs" },
        },
      },
    ],
    ...changes,
  };
}

/** A past deployment, newest first in a list. */
export interface Past {
  readonly status?: ServiceDeploymentStatus;
  readonly digest?: string;
  readonly taskDefinition?: string;
  readonly tag?: string;
}

export class FakeBackend {
  readonly ecs = mockClient(ECSClient);
  readonly ecr = mockClient(ECRClient);
  readonly elb = mockClient(ElasticLoadBalancingV2Client);
  readonly logs = mockClient(CloudWatchLogsClient);
  /** Which image each tag of the repository names. */
  readonly tags: Record<string, string> = { latest: NEW, v2: NEW, v1: OLD };
  /** Images in the repository. */
  readonly images = new Set([OLD, NEW]);

  /** When images were pushed, if not long before. */
  readonly pushes: Record<string, Date> = {};

  constructor() {
    this.describe(service());
    this.ecs.on(ListTasksCommand).resolves({ taskArns: [] });
    this.hasStopped([]);
    this.hasDeployed([{ digest: OLD }]);
    this.ecs.on(DescribeTaskDefinitionCommand).callsFake(({ taskDefinition: arn }) => ({
      taskDefinition: taskDefinition({ taskDefinitionArn: arn }),
    }));
    this.ecs.on(UpdateServiceCommand).resolves({ service: service({ deployments: [deployment()] }) });
    this.elb.on(DescribeTargetHealthCommand).resolves({
      TargetHealthDescriptions: [
        { TargetHealth: { State: "healthy" } },
        { TargetHealth: { State: "healthy" } },
      ],
    });
    this.logs.on(GetLogEventsCommand).resolves({ events: [] });
    this.ecr.on(BatchGetImageCommand).callsFake(({ imageIds: [{ imageTag, imageDigest }] }) => {
      const found: string | undefined = imageDigest ?? this.tags[imageTag];
      if (found === undefined || !this.images.has(found)) {
        return { images: [], failures: [{ failureCode: "ImageNotFound" }] };
      }
      return { images: [{ imageId: { imageDigest: found }, imageManifest: found }] };
    });
    this.ecr.on(DescribeImagesCommand).callsFake(({ imageIds: [{ imageDigest }] }) => ({
      imageDetails: [
        { imageDigest, imagePushedAt: this.pushes[imageDigest] ?? new Date("2025-12-01T00:00:00Z") },
      ],
    }));
    this.ecr.on(PutImageCommand).callsFake(({ imageTag, imageManifest }) => {
      if (this.tags[imageTag] === imageManifest) {
        throw Object.assign(new Error("it exists"), { name: "ImageAlreadyExistsException" });
      }
      this.tags[imageTag] = imageManifest;
      return {};
    });
  }

  /** Lets the service be described so, one answer after the other. The last one stays. */
  describe(...answers: (Service | Error)[]): void {
    const last = answers.at(-1);
    let behaviour = this.ecs.on(DescribeServicesCommand);
    for (const answer of answers.slice(0, -1)) {
      behaviour =
        answer instanceof Error
          ? behaviour.rejectsOnce(answer)
          : behaviour.resolvesOnce({ services: [answer] });
    }
    if (last instanceof Error) behaviour.rejects(last);
    else behaviour.resolves({ services: last ? [last] : [] });
  }

  /** Lets tasks name another image. */
  pin(tag: string): void {
    this.ecs.on(DescribeTaskDefinitionCommand).resolves({
      taskDefinition: taskDefinition({
        containerDefinitions: [{ name: "backend", image: `${REPOSITORY}:${tag}` }],
      }),
    });
  }

  /** Tasks that have stopped, and the last lines that they wrote. */
  hasStopped(tasks: Task[], ...lines: string[]): void {
    this.ecs
      .on(ListTasksCommand, { desiredStatus: "STOPPED" })
      .resolves({ taskArns: tasks.map(({ taskArn = "arn:task/1" }) => taskArn) });
    this.ecs.on(DescribeTasksCommand).resolves({ tasks });
    this.logs.on(GetLogEventsCommand).resolves({ events: lines.map((message) => ({ message })) });
  }

  /** What was deployed until now, newest first. With several, one answer after the other. The last one stays. */
  hasDeployed(...answers: (readonly Past[])[]): void {
    const past = answers.at(-1) ?? [];
    let behaviour = this.ecs.on(ListServiceDeploymentsCommand);
    for (const answer of answers.slice(0, -1)) behaviour = behaviour.resolvesOnce(listed(answer));
    behaviour.resolves(listed(past));
    this.ecs.on(DescribeServiceRevisionsCommand).resolves({
      serviceRevisions: past.map(
        ({ digest: imageDigest, taskDefinition: arn = revision(7), tag = "latest" }, index) => ({
          serviceRevisionArn: `arn:revision/${index}`,
          taskDefinition: arn,
          containerImages: [{ containerName: "backend", image: `${REPOSITORY}:${tag}`, imageDigest }],
        }),
      ),
    });
  }

  /** The deployments that were started. */
  get updates() {
    return this.ecs.commandCalls(UpdateServiceCommand).map(({ args: [{ input }] }) => input);
  }

  restore(): void {
    for (const mock of [this.ecs, this.ecr, this.elb, this.logs]) mock.restore();
  }
}

/** Deployments, as ECS lists them. */
function listed(past: readonly Past[]) {
  return {
    // Oldest first: AWS promises no order.
    serviceDeployments: past
      .map(({ status = "SUCCESSFUL" }, index) => ({
        status,
        targetServiceRevisionArn: `arn:revision/${index}`,
        createdAt: new Date(Date.UTC(2026, 0, 1) - index * 3_600_000),
        ...(!/PENDING|PROGRESS|REQUESTED/.test(status) && {
          finishedAt: new Date(Date.UTC(2026, 0, 1, 0, 5) - index * 3_600_000),
        }),
      }))
      .reverse(),
  };
}

/** A task of the deployment `ecs-svc/2` that has stopped. */
export function stopped(changes: Partial<Task> = {}): Task {
  return {
    taskArn: "arn:aws:ecs:us-west-2:123456789012:task/app-cluster/0123456789abcdef",
    startedBy: "ecs-svc/2",
    lastStatus: "STOPPED",
    stoppedAt: new Date("2026-01-01T10:02:00Z"),
    ...changes,
  };
}
