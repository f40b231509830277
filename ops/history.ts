import {
  DescribeServiceRevisionsCommand,
  type ECSClient,
  ListServiceDeploymentsCommand,
  type ServiceDeploymentBrief,
} from "@aws-sdk/client-ecs";
import type { ServiceLocation } from "./service";

/** What one deployment of a service ran: AWS keeps this for 90 days. */
export interface Release {
  readonly taskDefinition: string;
  /** The image reference that the task definition names, with its tag. */
  readonly image?: string;
  /** The image behind that tag at the time. Absent when no task got as far as to pull it. */
  readonly digest?: string;
  readonly at?: Date;
}

export interface History {
  /** How the newest deployment stands, `undefined` when there was none. */
  readonly newest: ServiceDeploymentBrief | undefined;
  /** What succeeded, newest first. The first is what runs, unless a deployment is on its way. */
  readonly releases: readonly Release[];
}

/** How many releases are looked at. It is also the most that AWS describes at once. */
const RELEASES = 20;

/**
 * Reads what a service ran until now.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
 */
export async function readHistory(
  ecs: ECSClient,
  location: ServiceLocation,
  containerName: string | undefined,
  signal: AbortSignal,
): Promise<History> {
  const deployments = await listDeployments(ecs, location, signal);
  const succeeded = deployments.filter(({ status }) => status === "SUCCESSFUL").slice(0, RELEASES);
  const arns = [...new Set(succeeded.flatMap(({ targetServiceRevisionArn: arn }) => arn ?? []))];
  const { serviceRevisions = [] } =
    arns.length > 0
      ? await ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns: arns }), {
          abortSignal: signal,
        })
      : {};
  const releases = succeeded.flatMap(({ targetServiceRevisionArn, finishedAt }): Release[] => {
    const revision = serviceRevisions.find((each) => each.serviceRevisionArn === targetServiceRevisionArn);
    if (!revision?.taskDefinition) return [];
    const image = revision.containerImages?.find((each) => each.containerName === containerName);
    return [
      {
        taskDefinition: revision.taskDefinition,
        ...(image?.image && { image: image.image }),
        ...(image?.imageDigest && { digest: image.imageDigest }),
        ...(finishedAt && { at: finishedAt }),
      },
    ];
  });
  return { newest: deployments[0], releases };
}

/** The newest release that differs from what runs, or `undefined` when there is none. */
export function previousRelease({ releases: [running, ...older] }: History): Release | undefined {
  return older.find(
    ({ taskDefinition, digest }) => taskDefinition !== running?.taskDefinition || digest !== running.digest,
  );
}

/** Whether ECS gave a deployment up, and has gone back or could not. */
export function isRolledBack({ status }: ServiceDeploymentBrief): boolean {
  return status === "ROLLBACK_SUCCESSFUL" || status === "ROLLBACK_FAILED";
}

/** Whether ECS gave a deployment up and is on its way back: it may still fail. */
export function isGoingBack({ status }: ServiceDeploymentBrief): boolean {
  return status === "ROLLBACK_REQUESTED" || status === "ROLLBACK_IN_PROGRESS";
}

async function listDeployments(
  ecs: ECSClient,
  location: ServiceLocation,
  signal: AbortSignal,
): Promise<ServiceDeploymentBrief[]> {
  const found: ServiceDeploymentBrief[] = [];
  let nextToken: string | undefined;
  do {
    const page = await ecs.send(
      new ListServiceDeploymentsCommand({ ...location, maxResults: 100, nextToken }),
      { abortSignal: signal },
    );
    found.push(...(page.serviceDeployments ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return found.sort((a, b) => Number(b.createdAt) - Number(a.createdAt));
}
