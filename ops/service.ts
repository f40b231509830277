import {
  type ContainerDefinition,
  type Deployment as EcsDeployment,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  type ECSClient,
  type Service,
  type TaskDefinition,
} from "@aws-sdk/client-ecs";
import type { Deployment } from "./deployment";
import { Problem } from "./problem";

/** Where a service is. */
export interface ServiceLocation {
  readonly cluster: string;
  readonly service: string;
}

/** The backend's ECS service, and what it starts tasks from. */
export interface Backend extends ServiceLocation {
  readonly state: Service;
  readonly taskDefinition: TaskDefinition;
  /** The container with the backend's image. */
  readonly container: ContainerDefinition;
  /** Name of the ECR repository. */
  readonly repository: string;
  /** Tag that the task definition names. */
  readonly tag: string;
}

/** Where the backend's service is. */
export function locationOf(deployment: Deployment): ServiceLocation {
  return { cluster: deployment.text("ecs_cluster_name"), service: deployment.text("ecs_service_name") };
}

/**
 * Reads the backend's service and its task definition.
 *
 * @throws Problem when there is no such service, or when its tasks run an image of another repository.
 */
export async function readBackend(
  ecs: ECSClient,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<Backend> {
  const location = locationOf(deployment);
  const state = await describeService(ecs, location, signal);
  const { taskDefinition } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: state.taskDefinition }),
    { abortSignal: signal },
  );
  const url = deployment.text("backend_ecr_url");
  const container = taskDefinition?.containerDefinitions?.find(({ image }) => image?.startsWith(`${url}:`));
  if (!taskDefinition || !container?.image) {
    throw new Problem(
      `The tasks of ${location.service} run no image of ${url}.`,
      "Deploy what this project describes: npx cdktf deploy",
    );
  }
  return {
    ...location,
    state,
    taskDefinition,
    container,
    repository: repositoryName(url),
    tag: container.image.slice(url.length + 1),
  };
}

/**
 * Reads a service.
 *
 * @throws Problem when there is none.
 */
export async function describeService(
  ecs: ECSClient,
  { cluster, service }: ServiceLocation,
  signal: AbortSignal,
): Promise<Service> {
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }), {
    abortSignal: signal,
  });
  const [found] = services ?? [];
  if (found?.status !== "ACTIVE") {
    throw new Problem(
      `There is no service ${service} in the cluster ${cluster}.`,
      "Deploy: npx cdktf deploy",
    );
  }
  return found;
}

/** The deployment that a service is at, or going to. */
export function primaryDeployment({ deployments }: Service): EcsDeployment | undefined {
  return deployments?.find(({ status }) => status === "PRIMARY");
}

/** `family:revision` of a task definition's ARN. */
export function revisionName(taskDefinitionArn = ""): string {
  return taskDefinitionArn.split("/").at(-1) ?? "";
}

/** Name of the repository in `<registry>/<name>`. */
export function repositoryName(url: string): string {
  return url.slice(url.indexOf("/") + 1);
}
