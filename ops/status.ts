import { CloudWatchClient, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { type ECRClient, type ImageDetail, paginateDescribeImages } from "@aws-sdk/client-ecr";
import { type DBInstance, DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import { awsClient, backendClients } from "./aws-client";
import type { Deployment } from "./deployment";
import { readHistory } from "./history";
import { type Backend, readBackend, revisionName } from "./service";
import { describeTargets, readTargets } from "./targets";
import { withoutService } from "./rollout";

/** How a deployment is, in one screen. */
export interface Status {
  readonly service: {
    readonly name: string;
    readonly desired: number;
    readonly running: number;
    readonly pending: number;
    readonly latestEvent: string | undefined;
  };
  readonly deployments: readonly {
    readonly taskDefinition: string;
    /** `IN_PROGRESS`, `COMPLETED` or `FAILED`. */
    readonly rollout: string | undefined;
    readonly running: number;
    readonly desired: number;
    readonly failed: number;
    readonly since: Date | undefined;
  }[];
  /** `2 healthy`, or nothing where the load balancer knows no target. */
  readonly targets: string;
  /** Names of alarms that are ringing. */
  readonly alarms: readonly string[];
  readonly database: {
    readonly name: string;
    readonly status: string | undefined;
    readonly class: string | undefined;
    readonly version: string | undefined;
    readonly storageGiB: number | undefined;
    readonly multiAz: boolean | undefined;
  };
  readonly image: {
    /** What the last successful deployment ran. */
    readonly running: StatusImage | undefined;
    /** What backend_image_tag names: what the next deployment would run. */
    readonly named: StatusImage | undefined;
  };
}

export interface StatusImage {
  readonly digest: string;
  readonly tags: readonly string[];
  readonly pushedAt: Date | undefined;
}

/** Reads how a deployment is. Changes nothing. */
export async function readStatus(deployed: Deployment, signal: AbortSignal): Promise<Status> {
  const clients = backendClients(deployed.region);
  const backend = await readBackend(clients.ecs, deployed, signal);
  const [targets, alarms, database, image] = await Promise.all([
    readTargets(clients.elb, backend.state, signal),
    ringingAlarms(deployed, signal),
    readDatabase(deployed, signal),
    readImages(clients, backend, signal),
  ]);
  const { state } = backend;
  return {
    service: {
      name: backend.service,
      desired: state.desiredCount ?? 0,
      running: state.runningCount ?? 0,
      pending: state.pendingCount ?? 0,
      latestEvent: withoutService(state.events?.[0]?.message) || undefined,
    },
    deployments: (state.deployments ?? []).map((each) => ({
      taskDefinition: revisionName(each.taskDefinition),
      rollout: each.rolloutState,
      running: each.runningCount ?? 0,
      desired: each.desiredCount ?? 0,
      failed: each.failedTasks ?? 0,
      since: each.createdAt,
    })),
    targets: describeTargets(targets),
    alarms,
    database,
    image,
  };
}

/** Alarms of this deployment that are ringing: those that notify its topic. */
async function ringingAlarms(deployed: Deployment, signal: AbortSignal): Promise<string[]> {
  const client = awsClient(CloudWatchClient, deployed.region);
  const pages = paginateDescribeAlarms(
    { client },
    {
      ActionPrefix: deployed.text("alarm_topic_arn"),
      AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
    },
    { abortSignal: signal },
  );
  const names: string[] = [];
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of pages) {
    const ringing = [...MetricAlarms, ...CompositeAlarms].filter(({ StateValue }) => StateValue === "ALARM");
    names.push(...ringing.flatMap(({ AlarmName }) => AlarmName ?? []));
  }
  return names.sort();
}

async function readDatabase(deployed: Deployment, signal: AbortSignal): Promise<Status["database"]> {
  // AWS makes the endpoint's name from the instance's.
  const [name = ""] = deployed.text("database_endpoint").split(".");
  const { DBInstances } = await awsClient(RDSClient, deployed.region).send(
    new DescribeDBInstancesCommand({ DBInstanceIdentifier: name }),
    { abortSignal: signal },
  );
  const instance: DBInstance = DBInstances?.[0] ?? {};
  return {
    name,
    status: instance.DBInstanceStatus,
    class: instance.DBInstanceClass,
    version: instance.EngineVersion,
    storageGiB: instance.AllocatedStorage,
    multiAz: instance.MultiAZ,
  };
}

async function readImages(
  { ecs, ecr }: Pick<ReturnType<typeof backendClients>, "ecs" | "ecr">,
  backend: Backend,
  signal: AbortSignal,
): Promise<Status["image"]> {
  const [images, { releases }] = await Promise.all([
    listImages(ecr, backend.repository, signal),
    readHistory(ecs, backend, backend.container.name, signal),
  ]);
  const digest = releases[0]?.digest;
  const named = images.find(({ imageTags }) => imageTags?.includes(backend.tag));
  const running = images.find(({ imageDigest }) => imageDigest !== undefined && imageDigest === digest);
  return {
    named: named && statusImage(named),
    running: running ? statusImage(running) : digest ? { digest, tags: [], pushedAt: undefined } : undefined,
  };
}

async function listImages(
  client: ECRClient,
  repositoryName: string,
  signal: AbortSignal,
): Promise<ImageDetail[]> {
  const images: ImageDetail[] = [];
  const pages = paginateDescribeImages(
    { client },
    { repositoryName, filter: { tagStatus: "TAGGED" } },
    { abortSignal: signal },
  );
  for await (const { imageDetails = [] } of pages) images.push(...imageDetails);
  return images;
}

function statusImage({ imageDigest = "", imageTags = [], imagePushedAt }: ImageDetail): StatusImage {
  return { digest: imageDigest, tags: [...imageTags].sort(), pushedAt: imagePushedAt };
}
