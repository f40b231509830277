import { CloudFront } from "@aws-sdk/client-cloudfront";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { EC2, type Filter } from "@aws-sdk/client-ec2";
import { ECR } from "@aws-sdk/client-ecr";
import { ECS } from "@aws-sdk/client-ecs";
import { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { IAM } from "@aws-sdk/client-iam";
import { RDS } from "@aws-sdk/client-rds";
import { S3 } from "@aws-sdk/client-s3";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { type Scope, WAFV2 } from "@aws-sdk/client-wafv2";
import { awsClient } from "../aws-client";

/** A resource that the plan would create, with the arguments that it would be given, as far as they are known. */
export interface Planned {
  readonly address: string;
  readonly type: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** One that is there already. */
export interface Existing {
  /** What `terraform import` takes. */
  readonly id: string;
  /** A command that has to come before the import. */
  readonly first?: string;
}

/** Where to look, and until when. */
export interface Where {
  readonly region: string;
  readonly signal: AbortSignal;
}

type Aws = ReturnType<typeof clientsIn>;
type Find = (planned: Planned["arguments"], aws: Aws, options: Options) => Promise<readonly Existing[]>;

interface Options {
  readonly abortSignal: AbortSignal;
}

/**
 * How AWS is asked for a resource of each type: by its name, or by its tags where it has none.
 *
 * @see https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs for what each import takes
 */
const FIND: Readonly<Record<string, Find>> = {
  aws_vpc: async (planned, { ec2 }, options) =>
    ids((await ec2.describeVpcs({ Filters: tags(planned) }, options)).Vpcs, "VpcId"),

  aws_subnet: async (planned, { ec2 }, options) =>
    ids((await ec2.describeSubnets({ Filters: tags(planned) }, options)).Subnets, "SubnetId"),

  aws_internet_gateway: async (planned, { ec2 }, options) => {
    const { InternetGateways } = await ec2.describeInternetGateways({ Filters: tags(planned) }, options);
    return ids(InternetGateways, "InternetGatewayId");
  },

  aws_eip: async (planned, { ec2 }, options) =>
    ids((await ec2.describeAddresses({ Filters: tags(planned) }, options)).Addresses, "AllocationId"),

  aws_nat_gateway: async (planned, { ec2 }, options) => {
    const Filter = [...tags(planned), { Name: "state", Values: ["pending", "available"] }];
    return ids((await ec2.describeNatGateways({ Filter }, options)).NatGateways, "NatGatewayId");
  },

  aws_route_table: async (planned, { ec2 }, options) =>
    ids((await ec2.describeRouteTables({ Filters: tags(planned) }, options)).RouteTables, "RouteTableId"),

  aws_route_table_association: async ({ subnet_id: subnet }, { ec2 }, options) => {
    if (typeof subnet !== "string") return [];
    const Filters = [{ Name: "association.subnet-id", Values: [subnet] }];
    const { RouteTables = [] } = await ec2.describeRouteTables({ Filters }, options);
    return RouteTables.map(({ RouteTableId }) => ({ id: `${subnet}/${RouteTableId}` }));
  },

  aws_network_acl: async (planned, { ec2 }, options) =>
    ids((await ec2.describeNetworkAcls({ Filters: tags(planned) }, options)).NetworkAcls, "NetworkAclId"),

  aws_vpc_endpoint: async (planned, { ec2 }, options) => {
    const { VpcEndpoints = [] } = await ec2.describeVpcEndpoints({ Filters: tags(planned) }, options);
    return ids(
      VpcEndpoints.filter(({ State }) => !/^delet/i.test(State ?? "")),
      "VpcEndpointId",
    );
  },

  aws_security_group: async (planned, { ec2 }, options) =>
    ids((await ec2.describeSecurityGroups({ Filters: tags(planned) }, options)).SecurityGroups, "GroupId"),

  aws_flow_log: async (planned, { ec2 }, options) =>
    ids((await ec2.describeFlowLogs({ Filter: tags(planned) }, options)).FlowLogs, "FlowLogId"),

  aws_lb: async ({ name }, { elb }, options) =>
    ids((await elb.describeLoadBalancers({ Names: [text(name)] }, options)).LoadBalancers, "LoadBalancerArn"),

  aws_lb_target_group: async ({ name }, { elb }, options) =>
    ids((await elb.describeTargetGroups({ Names: [text(name)] }, options)).TargetGroups, "TargetGroupArn"),

  aws_lb_listener: async ({ load_balancer_arn: loadBalancer, port }, { elb }, options) => {
    if (typeof loadBalancer !== "string") return [];
    const { Listeners = [] } = await elb.describeListeners({ LoadBalancerArn: loadBalancer }, options);
    return ids(
      Listeners.filter(({ Port }) => Port === port),
      "ListenerArn",
    );
  },

  aws_lb_listener_rule: async ({ listener_arn: listener, priority }, { elb }, options) => {
    if (typeof listener !== "string") return [];
    const { Rules = [] } = await elb.describeRules({ ListenerArn: listener }, options);
    return ids(
      Rules.filter(({ Priority }) => Priority === String(priority)),
      "RuleArn",
    );
  },

  aws_wafv2_web_acl: async ({ name, scope }, { waf }, options) => {
    const { WebACLs = [] } = await waf.listWebACLs({ Scope: scope as Scope }, options);
    return WebACLs.filter(({ Name }) => Name === name).map(({ Id }) => ({
      id: `${Id}/${text(name)}/${text(scope)}`,
    }));
  },

  aws_db_instance: async ({ identifier }, { rds }, options) => {
    const input = { DBInstanceIdentifier: text(identifier) };
    return ids((await rds.describeDBInstances(input, options)).DBInstances, "DBInstanceIdentifier");
  },

  aws_db_subnet_group: async ({ name }, { rds }, options) => {
    const input = { DBSubnetGroupName: text(name) };
    return ids((await rds.describeDBSubnetGroups(input, options)).DBSubnetGroups, "DBSubnetGroupName");
  },

  aws_db_parameter_group: async ({ name }, { rds }, options) => {
    const input = { DBParameterGroupName: text(name) };
    const { DBParameterGroups } = await rds.describeDBParameterGroups(input, options);
    return ids(DBParameterGroups, "DBParameterGroupName");
  },

  aws_ecr_repository: async ({ name }, { ecr }, options) => {
    const { repositories } = await ecr.describeRepositories({ repositoryNames: [text(name)] }, options);
    return ids(repositories, "repositoryName");
  },

  aws_ecs_cluster: async ({ name }, { ecs }, options) => {
    const { clusters = [] } = await ecs.describeClusters({ clusters: [text(name)] }, options);
    // AWS still tells of a deleted one for a while.
    return ids(
      clusters.filter(({ status }) => status === "ACTIVE"),
      "clusterName",
    );
  },

  aws_ecs_service: async ({ name, cluster }, { ecs }, options) => {
    if (typeof cluster !== "string") return [];
    const { services = [] } = await ecs.describeServices({ cluster, services: [text(name)] }, options);
    return services
      .filter(({ status }) => status === "ACTIVE")
      .map(({ serviceName }) => ({ id: `${cluster.split("/").at(-1)}/${serviceName}` }));
  },

  aws_iam_role: async ({ name }, { iam }, options) =>
    ids([(await iam.getRole({ RoleName: text(name) }, options)).Role], "RoleName"),

  aws_secretsmanager_secret: async ({ name }, { secretsManager, region }, options) => {
    const secret = await secretsManager.describeSecret({ SecretId: text(name) }, options);
    const restore = `aws secretsmanager restore-secret --region ${region} --secret-id ${secret.Name}`;
    return [{ id: secret.ARN ?? "", ...(secret.DeletedDate && { first: restore }) }];
  },

  aws_cloudwatch_log_group: async ({ name }, { logs }, options) => {
    const { logGroups = [] } = await logs.describeLogGroups({ logGroupNamePrefix: text(name) }, options);
    return ids(
      logGroups.filter(({ logGroupName }) => logGroupName === name),
      "logGroupName",
    );
  },

  aws_s3_bucket: async ({ bucket }, { s3 }, options) => {
    const { Buckets = [] } = await s3.listBuckets({ Prefix: text(bucket) }, options);
    return ids(
      Buckets.filter(({ Name }) => Name === bucket),
      "Name",
    );
  },

  aws_cloudfront_distribution: async ({ origin }, { cloudFront }, options) => {
    const domains = new Set((origin as readonly { domain_name?: unknown }[]).map((each) => each.domain_name));
    const { DistributionList } = await cloudFront.listDistributions({}, options);
    return ids(
      DistributionList?.Items?.filter(({ Origins }) =>
        Origins?.Items?.every(({ DomainName }) => domains.has(DomainName)),
      ),
      "Id",
    );
  },

  aws_cloudfront_function: async ({ name }, { cloudFront }, options) =>
    ids([(await cloudFront.describeFunction({ Name: text(name) }, options)).FunctionSummary], "Name"),

  aws_cloudfront_origin_access_control: async ({ name }, { cloudFront }, options) => {
    const { OriginAccessControlList } = await cloudFront.listOriginAccessControls({}, options);
    return ids(
      OriginAccessControlList?.Items?.filter(({ Name }) => Name === name),
      "Id",
    );
  },

  aws_cloudfront_cache_policy: async ({ name }, { cloudFront }, options) => {
    const { CachePolicyList } = await cloudFront.listCachePolicies({ Type: "custom" }, options);
    return ids(
      CachePolicyList?.Items?.map(({ CachePolicy }) => CachePolicy).filter(
        (policy) => policy?.CachePolicyConfig?.Name === name,
      ),
      "Id",
    );
  },

  aws_cloudfront_response_headers_policy: async ({ name }, { cloudFront }, options) => {
    const { ResponseHeadersPolicyList } = await cloudFront.listResponseHeadersPolicies(
      { Type: "custom" },
      options,
    );
    return ids(
      ResponseHeadersPolicyList?.Items?.map(({ ResponseHeadersPolicy }) => ResponseHeadersPolicy).filter(
        (policy) => policy?.ResponseHeadersPolicyConfig?.Name === name,
      ),
      "Id",
    );
  },
};

/**
 * Types that need no import, because creating them again only writes the same once more: AWS keeps one of
 * each name, or one for each owner.
 */
export const WRITTEN_AGAIN: ReadonlySet<string> = new Set([
  "aws_appautoscaling_policy",
  "aws_appautoscaling_target",
  "aws_cloudwatch_dashboard",
  "aws_cloudwatch_log_resource_policy",
  "aws_cloudwatch_metric_alarm",
  "aws_default_security_group",
  "aws_ecr_lifecycle_policy",
  "aws_ecs_cluster_capacity_providers",
  // Another revision costs nothing.
  "aws_ecs_task_definition",
  "aws_iam_role_policy",
  "aws_iam_role_policy_attachment",
  "aws_s3_bucket_lifecycle_configuration",
  "aws_s3_bucket_ownership_controls",
  "aws_s3_bucket_policy",
  "aws_s3_bucket_public_access_block",
  "aws_s3_bucket_server_side_encryption_configuration",
  "aws_s3_bucket_versioning",
  // Another version of the value. Imported, the value would stand in the state.
  "aws_secretsmanager_secret_version",
  "aws_sns_topic",
  "aws_sns_topic_policy",
  "aws_sns_topic_subscription",
  "aws_wafv2_web_acl_association",
  "aws_wafv2_web_acl_logging_configuration",
  "terraform_data",
]);

/** Types that are looked for. */
export const LOOKED_FOR: ReadonlySet<string> = new Set(Object.keys(FIND));

/** AWS's ways to say that there is none of that name. */
const NOT_FOUND = /NotFound|NoSuch|DoesNotExist/;

/** Looks for resources that the plan would create. One that tags do not tell apart is found several times. */
export function existingIn({ region, signal }: Where): (planned: Planned) => Promise<readonly Existing[]> {
  const aws = clientsIn(region);
  return async ({ type, arguments: planned }) => {
    try {
      return (await FIND[type]?.(planned, aws, { abortSignal: signal })) ?? [];
    } catch (error) {
      signal.throwIfAborted();
      if (NOT_FOUND.test((error as Error).name)) return [];
      throw error;
    }
  };
}

function clientsIn(region: string) {
  return {
    region,
    ec2: awsClient(EC2, region),
    elb: awsClient(ElasticLoadBalancingV2, region),
    rds: awsClient(RDS, region),
    ecr: awsClient(ECR, region),
    ecs: awsClient(ECS, region),
    iam: awsClient(IAM, region),
    logs: awsClient(CloudWatchLogs, region),
    s3: awsClient(S3, region),
    secretsManager: awsClient(SecretsManager, region),
    cloudFront: awsClient(CloudFront, region),
    waf: awsClient(WAFV2, region),
  };
}

/** Tags that tell the resources of this deployment from others. */
const IDENTIFYING = ["Name", "Project", "Environment", "ManagedBy"];

function tags({ tags_all: all }: Planned["arguments"]): Filter[] {
  const known = (all ?? {}) as Readonly<Record<string, string>>;
  return IDENTIFYING.flatMap((key) =>
    known[key] === undefined ? [] : [{ Name: `tag:${key}`, Values: [known[key]] }],
  );
}

function ids<Item>(items: readonly (Item | undefined)[] | undefined, key: keyof Item): Existing[] {
  return (items ?? []).flatMap((item) => {
    const id = item?.[key];
    return typeof id === "string" ? [{ id }] : [];
  });
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new Error(`the plan must know the name, got ${String(value)}`);
  return value;
}
