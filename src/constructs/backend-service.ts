import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { EcsCluster } from "@cdktf/provider-aws/lib/ecs-cluster";
import { EcsClusterCapacityProviders } from "@cdktf/provider-aws/lib/ecs-cluster-capacity-providers";
import { EcsService } from "@cdktf/provider-aws/lib/ecs-service";
import { EcsTaskDefinition } from "@cdktf/provider-aws/lib/ecs-task-definition";
import { Fn, type IResolvable, Token } from "cdktf";
import { Construct } from "constructs";
import { containerDefinitions } from "../lib/container-definitions";
import { expression } from "../lib/expression";
import type { LoadBalancer } from "./load-balancer";
import type { Secret } from "./secret";
import { TaskRoles } from "./task-roles";
import type { Vpc } from "./vpc";

export interface BackendServiceProps {
  readonly appName: string;
  readonly accountId: string;
  readonly partition: string;
  readonly region: string;
  readonly vpc: Vpc;
  readonly securityGroupId: string;
  readonly loadBalancer: LoadBalancer;
  /** Image reference, with its tag. */
  readonly image: string;
  /** `X86_64` or `ARM64`: what the image was built for. */
  readonly cpuArchitecture: string;
  /** CPU units: 1024 are one vCPU. */
  readonly cpu: number;
  /** Memory in MiB, one of the amounts that Fargate offers for `cpu`. */
  readonly memoryMiB: number;
  /** TCP port that the container listens on. */
  readonly containerPort: number;
  /** Number of tasks to start with. Autoscaling decides later on. */
  readonly desiredCount: number;
  /** Environment variables of the container. */
  readonly environment: Readonly<Record<string, string | number>>;
  /** Environment variables of the container whose values are secrets. */
  readonly secrets: Readonly<Record<string, Secret>>;
  /** Seconds that a new task may take to start before failed health checks stop it. */
  readonly healthCheckGracePeriod: number;
  /** Whether all tasks but the first run on Fargate Spot. */
  readonly useFargateSpot: IResolvable;
  readonly enableExecuteCommand: IResolvable;
  readonly logRetentionInDays: number;
}

const CONTAINER_NAME = "backend";

/** The application: an ECS cluster with one Fargate service behind the load balancer. */
export class BackendService extends Construct {
  public readonly clusterName: string;
  public readonly serviceName: string;
  public readonly logGroupName: string;

  constructor(scope: Construct, id: string, props: BackendServiceProps) {
    super(scope, id);
    const { appName } = props;

    const cluster = new EcsCluster(this, "app_cluster", {
      name: `${appName}-cluster`,
      setting: [{ name: "containerInsights", value: "enabled" }],
      tags: { Name: `${appName} ECS Cluster` },
    });
    const capacityProviders = new EcsClusterCapacityProviders(this, "fargate", {
      clusterName: cluster.name,
      capacityProviders: ["FARGATE", "FARGATE_SPOT"],
    });
    this.clusterName = cluster.name;

    const logGroup = new CloudwatchLogGroup(this, "ecs_logs", {
      name: `/ecs/${appName}`,
      retentionInDays: props.logRetentionInDays,
      tags: { Name: `${appName} ECS Logs` },
    });
    this.logGroupName = logGroup.name;

    const secrets = Object.entries(props.secrets);
    const roles = new TaskRoles(this, "task_roles", {
      appName,
      accountId: props.accountId,
      partition: props.partition,
      // The one list that both the policy and the container are made from.
      readableSecretArns: secrets.map(([, secret]) => secret.arn),
      enableExecuteCommand: props.enableExecuteCommand,
    });

    const taskDefinition = new EcsTaskDefinition(this, "backend_task", {
      family: `${appName}-backend`,
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      cpu: Token.asString(props.cpu),
      memory: Token.asString(props.memoryMiB),
      executionRoleArn: roles.executionRoleArn,
      taskRoleArn: roles.taskRoleArn,
      runtimePlatform: { operatingSystemFamily: "LINUX", cpuArchitecture: props.cpuArchitecture },
      containerDefinitions: containerDefinitions({
        name: CONTAINER_NAME,
        image: props.image,
        port: props.containerPort,
        environment: props.environment,
        secrets: secrets.map(([name, secret]) => ({ name, valueFrom: secret.arn })),
        // Containers read secrets only when they start: a new version must make a new revision.
        labels: {
          "secret-versions": Fn.join(
            ",",
            secrets.map(([, secret]) => secret.versionId),
          ),
        },
        logGroupName: logGroup.name,
        logRegion: props.region,
      }),
      // ECS can roll back only to a revision that is still registered. A revision costs nothing.
      skipDestroy: true,
      tags: { Name: `${appName} Backend Task Definition` },
    });

    const spot = Token.asString(props.useFargateSpot);
    const service = new EcsService(this, "backend_service", {
      name: `${appName}-backend-service`,
      cluster: cluster.id,
      taskDefinition: taskDefinition.arn,
      desiredCount: props.desiredCount,
      launchType: Token.asString(expression(this, `${spot} ? null : "FARGATE"`)),
      networkConfiguration: {
        subnets: props.vpc.privateSubnetIds,
        securityGroups: [props.securityGroupId],
        assignPublicIp: false,
      },
      loadBalancer: [
        {
          targetGroupArn: props.loadBalancer.targetGroupArn,
          containerName: CONTAINER_NAME,
          containerPort: props.containerPort,
        },
      ],
      healthCheckGracePeriodSeconds: props.healthCheckGracePeriod,
      deploymentMinimumHealthyPercent: 100,
      deploymentMaximumPercent: 200,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      availabilityZoneRebalancing: "ENABLED",
      enableExecuteCommand: props.enableExecuteCommand,
      enableEcsManagedTags: true,
      propagateTags: "SERVICE",
      tags: { Name: `${appName} Backend Service` },
      lifecycle: {
        // Autoscaling owns it: an apply must not undo a scale-out.
        ignoreChanges: ["desired_count"],
      },
      // None of these is named above, yet the first task needs them all: ECS refuses a target group
      // without a listener, pulls the image and reads the secrets with the execution role.
      dependsOn: [...props.loadBalancer.listeners, ...roles.policies, capacityProviders],
    });
    service.addOverride("dynamic.capacity_provider_strategy", {
      for_each: expression(
        this,
        `[for strategy in [{ provider = "FARGATE", base = 1, weight = 0 }, { provider = "FARGATE_SPOT", base = 0, weight = 1 }] : strategy if ${spot}]`,
      ),
      content: {
        capacity_provider: "${capacity_provider_strategy.value.provider}",
        base: "${capacity_provider_strategy.value.base}",
        weight: "${capacity_provider_strategy.value.weight}",
      },
    });
    this.serviceName = service.name;
  }
}
