/** What Terraform's AWS provider asks of AWS for one type of resource or data source. */
export interface Permissions {
  /** To refresh and plan. */
  readonly read: readonly string[];
  /** To create, update and delete, besides `read`. */
  readonly write: readonly string[];
  /** The service that the resource hands a role to, for `iam:PassRole`. */
  readonly passesRoleTo?: string;
  /** The service whose service-linked role AWS makes with the account's first resource of the kind. */
  readonly serviceLinkedRole?: string;
}

/**
 * What AWS provider 5.100.0 needs for every type in the stack. `__tests__/bootstrap/permissions.test.ts`
 * fails when the stack gets a type that is not here, and when AWS knows no such action.
 *
 * A new type: its page in the provider's documentation says what AWS resource it is, and the calls of its
 * create, read, update and delete functions are the actions. Then run `bootstrap.e2e.test.ts`, which
 * applies the stack with nothing but these.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export const RESOURCES: Readonly<Record<string, Permissions>> = {
  aws_appautoscaling_policy: {
    read: actions("application-autoscaling", "DescribeScalingPolicies"),
    write: [
      ...actions("application-autoscaling", "PutScalingPolicy", "DeleteScalingPolicy"),
      // Target tracking keeps its alarms in the name of whoever sets the policy.
      // https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html
      ...actions("cloudwatch", "DescribeAlarms", "PutMetricAlarm", "DeleteAlarms"),
      ...actions("ecs", "DescribeServices", "UpdateService"),
    ],
  },
  aws_appautoscaling_target: {
    read: actions("application-autoscaling", "DescribeScalableTargets", "ListTagsForResource"),
    write: actions(
      "application-autoscaling",
      "RegisterScalableTarget",
      "DeregisterScalableTarget",
      "TagResource",
      "UntagResource",
    ),
    serviceLinkedRole: "ecs.application-autoscaling.amazonaws.com",
  },
  aws_cloudfront_cache_policy: {
    read: actions("cloudfront", "GetCachePolicy"),
    write: actions("cloudfront", "CreateCachePolicy", "UpdateCachePolicy", "DeleteCachePolicy"),
  },
  aws_cloudfront_distribution: {
    read: actions("cloudfront", "GetDistribution", "GetDistributionConfig", "ListTagsForResource"),
    write: [
      ...actions(
        "cloudfront",
        "CreateDistribution",
        "UpdateDistribution",
        "DeleteDistribution",
        "TagResource",
        "UntagResource",
      ),
      // CloudFront enters itself in the access control list of the bucket for its logs, as the caller.
      // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
      ...actions("s3", "GetBucketAcl", "PutBucketAcl"),
    ],
  },
  aws_cloudfront_function: {
    read: actions("cloudfront", "DescribeFunction", "GetFunction"),
    write: actions("cloudfront", "CreateFunction", "UpdateFunction", "PublishFunction", "DeleteFunction"),
  },
  aws_cloudfront_origin_access_control: {
    read: actions("cloudfront", "GetOriginAccessControl"),
    write: actions(
      "cloudfront",
      "CreateOriginAccessControl",
      "UpdateOriginAccessControl",
      "DeleteOriginAccessControl",
    ),
  },
  aws_cloudfront_response_headers_policy: {
    read: actions("cloudfront", "GetResponseHeadersPolicy"),
    write: actions(
      "cloudfront",
      "CreateResponseHeadersPolicy",
      "UpdateResponseHeadersPolicy",
      "DeleteResponseHeadersPolicy",
    ),
  },
  aws_cloudwatch_dashboard: {
    read: actions("cloudwatch", "GetDashboard"),
    write: actions("cloudwatch", "PutDashboard", "DeleteDashboards"),
  },
  aws_cloudwatch_log_group: {
    read: actions("logs", "DescribeLogGroups", "ListTagsForResource"),
    write: actions(
      "logs",
      "CreateLogGroup",
      "DeleteLogGroup",
      "PutRetentionPolicy",
      "DeleteRetentionPolicy",
      "TagResource",
      "UntagResource",
    ),
  },
  aws_cloudwatch_log_resource_policy: {
    read: actions("logs", "DescribeResourcePolicies"),
    write: actions("logs", "PutResourcePolicy", "DeleteResourcePolicy"),
  },
  aws_cloudwatch_metric_alarm: {
    read: actions("cloudwatch", "DescribeAlarms", "ListTagsForResource"),
    write: actions("cloudwatch", "PutMetricAlarm", "DeleteAlarms", "TagResource", "UntagResource"),
  },
  aws_db_instance: {
    read: actions("rds", "DescribeDBInstances", "ListTagsForResource"),
    write: actions(
      "rds",
      "CreateDBInstance",
      "ModifyDBInstance",
      "DeleteDBInstance",
      "CreateDBSnapshot",
      "AddTagsToResource",
      "RemoveTagsFromResource",
    ),
    passesRoleTo: "monitoring.rds.amazonaws.com",
    serviceLinkedRole: "rds.amazonaws.com",
  },
  aws_db_parameter_group: {
    read: actions("rds", "DescribeDBParameterGroups", "DescribeDBParameters", "ListTagsForResource"),
    write: actions(
      "rds",
      "CreateDBParameterGroup",
      "ModifyDBParameterGroup",
      "ResetDBParameterGroup",
      "DeleteDBParameterGroup",
      "AddTagsToResource",
      "RemoveTagsFromResource",
    ),
  },
  aws_db_subnet_group: {
    read: actions("rds", "DescribeDBSubnetGroups", "ListTagsForResource"),
    write: actions(
      "rds",
      "CreateDBSubnetGroup",
      "ModifyDBSubnetGroup",
      "DeleteDBSubnetGroup",
      "AddTagsToResource",
      "RemoveTagsFromResource",
    ),
  },
  aws_default_security_group: {
    read: actions("ec2", "DescribeSecurityGroups", "DescribeSecurityGroupRules"),
    write: actions(
      "ec2",
      "AuthorizeSecurityGroupIngress",
      "AuthorizeSecurityGroupEgress",
      "RevokeSecurityGroupIngress",
      "RevokeSecurityGroupEgress",
      "CreateTags",
      "DeleteTags",
    ),
  },
  aws_ecr_lifecycle_policy: {
    read: actions("ecr", "GetLifecyclePolicy"),
    write: actions("ecr", "PutLifecyclePolicy", "DeleteLifecyclePolicy"),
  },
  aws_ecr_repository: {
    read: actions("ecr", "DescribeRepositories", "ListTagsForResource"),
    write: actions(
      "ecr",
      "CreateRepository",
      "DeleteRepository",
      "PutImageScanningConfiguration",
      "PutImageTagMutability",
      "TagResource",
      "UntagResource",
    ),
  },
  aws_ecs_cluster: {
    read: actions("ecs", "DescribeClusters", "ListTagsForResource"),
    write: actions("ecs", "CreateCluster", "UpdateCluster", "DeleteCluster", "TagResource", "UntagResource"),
    serviceLinkedRole: "ecs.amazonaws.com",
  },
  aws_ecs_cluster_capacity_providers: {
    read: actions("ecs", "DescribeClusters"),
    write: actions("ecs", "PutClusterCapacityProviders"),
  },
  aws_ecs_service: {
    read: actions("ecs", "DescribeServices"),
    write: actions("ecs", "CreateService", "UpdateService", "DeleteService", "TagResource", "UntagResource"),
  },
  aws_ecs_task_definition: {
    read: actions("ecs", "DescribeTaskDefinition"),
    write: actions(
      "ecs",
      "RegisterTaskDefinition",
      "DeregisterTaskDefinition",
      "TagResource",
      "UntagResource",
    ),
    passesRoleTo: "ecs-tasks.amazonaws.com",
  },
  aws_eip: {
    read: actions("ec2", "DescribeAddresses", "DescribeAddressesAttribute"),
    write: actions(
      "ec2",
      "AllocateAddress",
      "DisassociateAddress",
      "ReleaseAddress",
      "CreateTags",
      "DeleteTags",
    ),
  },
  aws_flow_log: {
    read: actions("ec2", "DescribeFlowLogs"),
    write: actions("ec2", "CreateFlowLogs", "DeleteFlowLogs", "CreateTags", "DeleteTags"),
    passesRoleTo: "vpc-flow-logs.amazonaws.com",
  },
  aws_iam_role: {
    read: actions("iam", "GetRole", "ListRolePolicies", "GetRolePolicy", "ListAttachedRolePolicies"),
    write: actions(
      "iam",
      "CreateRole",
      "UpdateRole",
      "UpdateRoleDescription",
      "UpdateAssumeRolePolicy",
      "DeleteRole",
      "TagRole",
      "UntagRole",
      "ListInstanceProfilesForRole",
    ),
  },
  aws_iam_role_policy: {
    read: actions("iam", "GetRolePolicy"),
    write: actions("iam", "PutRolePolicy", "DeleteRolePolicy"),
  },
  aws_iam_role_policy_attachment: {
    read: actions("iam", "ListAttachedRolePolicies"),
    write: actions("iam", "AttachRolePolicy", "DetachRolePolicy"),
  },
  aws_internet_gateway: {
    read: actions("ec2", "DescribeInternetGateways"),
    write: actions(
      "ec2",
      "CreateInternetGateway",
      "AttachInternetGateway",
      "DetachInternetGateway",
      "DeleteInternetGateway",
      "CreateTags",
      "DeleteTags",
    ),
  },
  aws_lb: {
    read: [
      ...actions(
        "elasticloadbalancing",
        "DescribeLoadBalancers",
        "DescribeLoadBalancerAttributes",
        "DescribeCapacityReservation",
        "DescribeTags",
      ),
      // Elastic Load Balancing looks at the network in the name of whoever creates a load balancer.
      ...actions("ec2", "DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcs"),
    ],
    write: [
      ...actions(
        "elasticloadbalancing",
        "CreateLoadBalancer",
        "ModifyLoadBalancerAttributes",
        "SetIpAddressType",
        "SetSecurityGroups",
        "SetSubnets",
        "DeleteLoadBalancer",
        "AddTags",
        "RemoveTags",
      ),
      // Deleting waits for its network interfaces to go.
      ...actions("ec2", "DescribeNetworkInterfaces"),
    ],
    serviceLinkedRole: "elasticloadbalancing.amazonaws.com",
  },
  aws_lb_listener: {
    read: actions("elasticloadbalancing", "DescribeListeners", "DescribeListenerAttributes", "DescribeTags"),
    write: actions(
      "elasticloadbalancing",
      "CreateListener",
      "ModifyListener",
      "ModifyListenerAttributes",
      "DeleteListener",
      "AddTags",
      "RemoveTags",
    ),
  },
  aws_lb_listener_rule: {
    read: actions("elasticloadbalancing", "DescribeRules", "DescribeTags"),
    write: actions(
      "elasticloadbalancing",
      "CreateRule",
      "ModifyRule",
      "SetRulePriorities",
      "DeleteRule",
      "AddTags",
      "RemoveTags",
    ),
  },
  aws_lb_target_group: {
    read: actions(
      "elasticloadbalancing",
      "DescribeTargetGroups",
      "DescribeTargetGroupAttributes",
      "DescribeTags",
    ),
    write: actions(
      "elasticloadbalancing",
      "CreateTargetGroup",
      "ModifyTargetGroup",
      "ModifyTargetGroupAttributes",
      "DeleteTargetGroup",
      "AddTags",
      "RemoveTags",
    ),
  },
  aws_nat_gateway: {
    read: actions("ec2", "DescribeNatGateways"),
    write: actions("ec2", "CreateNatGateway", "DeleteNatGateway", "CreateTags", "DeleteTags"),
  },
  aws_network_acl: {
    read: actions("ec2", "DescribeNetworkAcls"),
    write: actions(
      "ec2",
      "CreateNetworkAcl",
      "CreateNetworkAclEntry",
      "DeleteNetworkAclEntry",
      "ReplaceNetworkAclAssociation",
      "DeleteNetworkAcl",
      "CreateTags",
      "DeleteTags",
    ),
  },
  aws_route_table: {
    read: actions("ec2", "DescribeRouteTables"),
    write: actions(
      "ec2",
      "CreateRouteTable",
      "CreateRoute",
      "ReplaceRoute",
      "DeleteRoute",
      "DisassociateRouteTable",
      "DeleteRouteTable",
      "CreateTags",
      "DeleteTags",
    ),
  },
  aws_route_table_association: {
    read: actions("ec2", "DescribeRouteTables"),
    write: actions("ec2", "AssociateRouteTable", "ReplaceRouteTableAssociation", "DisassociateRouteTable"),
  },
  aws_s3_bucket: {
    read: actions(
      "s3",
      "ListBucket",
      "GetAccelerateConfiguration",
      "GetBucketAcl",
      "GetBucketCORS",
      "GetBucketLocation",
      "GetBucketLogging",
      "GetBucketObjectLockConfiguration",
      "GetBucketPolicy",
      "GetBucketRequestPayment",
      "GetBucketTagging",
      "GetBucketVersioning",
      "GetBucketWebsite",
      "GetEncryptionConfiguration",
      "GetLifecycleConfiguration",
      "GetReplicationConfiguration",
    ),
    write: actions(
      "s3",
      "CreateBucket",
      "DeleteBucket",
      "PutBucketTagging",
      // Emptied before it goes, where force_destroy is set.
      "ListBucketVersions",
      "DeleteObject",
      "DeleteObjectVersion",
    ),
  },
  aws_s3_bucket_lifecycle_configuration: {
    read: actions("s3", "GetLifecycleConfiguration"),
    write: actions("s3", "PutLifecycleConfiguration"),
  },
  aws_s3_bucket_ownership_controls: {
    read: actions("s3", "GetBucketOwnershipControls"),
    write: actions("s3", "PutBucketOwnershipControls"),
  },
  aws_s3_bucket_policy: {
    read: actions("s3", "GetBucketPolicy"),
    write: actions("s3", "PutBucketPolicy", "DeleteBucketPolicy"),
  },
  aws_s3_bucket_public_access_block: {
    read: actions("s3", "GetBucketPublicAccessBlock"),
    write: actions("s3", "PutBucketPublicAccessBlock"),
  },
  aws_s3_bucket_server_side_encryption_configuration: {
    read: actions("s3", "GetEncryptionConfiguration"),
    write: actions("s3", "PutEncryptionConfiguration"),
  },
  aws_s3_bucket_versioning: {
    read: actions("s3", "GetBucketVersioning"),
    write: actions("s3", "PutBucketVersioning"),
  },
  aws_secretsmanager_secret: {
    read: actions("secretsmanager", "DescribeSecret", "GetResourcePolicy"),
    write: actions(
      "secretsmanager",
      "CreateSecret",
      "UpdateSecret",
      "DeleteSecret",
      "TagResource",
      "UntagResource",
    ),
  },
  aws_secretsmanager_secret_version: {
    // This version of the provider reads the value even where it is write-only.
    // https://github.com/hashicorp/terraform-provider-aws/issues/42383
    read: actions("secretsmanager", "GetSecretValue"),
    write: actions("secretsmanager", "PutSecretValue", "UpdateSecretVersionStage"),
  },
  aws_security_group: {
    read: actions("ec2", "DescribeSecurityGroups", "DescribeSecurityGroupRules"),
    write: actions(
      "ec2",
      "CreateSecurityGroup",
      "AuthorizeSecurityGroupIngress",
      "AuthorizeSecurityGroupEgress",
      "RevokeSecurityGroupIngress",
      "RevokeSecurityGroupEgress",
      "DeleteSecurityGroup",
      // Deleting waits for the interfaces of Lambda functions, whether there are any or not.
      "DescribeNetworkInterfaces",
      "CreateTags",
      "DeleteTags",
    ),
  },
  aws_sns_topic: {
    read: actions("sns", "GetTopicAttributes", "ListTagsForResource"),
    write: actions("sns", "CreateTopic", "SetTopicAttributes", "DeleteTopic", "TagResource", "UntagResource"),
  },
  aws_sns_topic_policy: {
    read: actions("sns", "GetTopicAttributes"),
    write: actions("sns", "SetTopicAttributes"),
  },
  aws_sns_topic_subscription: {
    read: actions("sns", "GetSubscriptionAttributes"),
    write: actions("sns", "Subscribe", "Unsubscribe", "SetSubscriptionAttributes"),
  },
  aws_subnet: {
    read: actions("ec2", "DescribeSubnets"),
    write: actions(
      "ec2",
      "CreateSubnet",
      "ModifySubnetAttribute",
      "DeleteSubnet",
      "DescribeNetworkInterfaces",
      "CreateTags",
      "DeleteTags",
    ),
  },
  aws_vpc: {
    read: actions(
      "ec2",
      "DescribeVpcs",
      "DescribeVpcAttribute",
      // The ids of what comes with a VPC: its main route table, default network ACL and security group.
      "DescribeNetworkAcls",
      "DescribeRouteTables",
      "DescribeSecurityGroups",
    ),
    write: actions("ec2", "CreateVpc", "ModifyVpcAttribute", "DeleteVpc", "CreateTags", "DeleteTags"),
  },
  aws_vpc_endpoint: {
    read: actions("ec2", "DescribeVpcEndpoints", "DescribePrefixLists"),
    write: actions(
      "ec2",
      "CreateVpcEndpoint",
      "ModifyVpcEndpoint",
      "DeleteVpcEndpoints",
      "CreateTags",
      "DeleteTags",
    ),
  },
  aws_wafv2_web_acl: {
    read: actions("wafv2", "GetWebACL", "ListTagsForResource"),
    write: actions("wafv2", "CreateWebACL", "UpdateWebACL", "DeleteWebACL", "TagResource", "UntagResource"),
  },
  aws_wafv2_web_acl_association: {
    read: actions("wafv2", "GetWebACLForResource"),
    write: [
      ...actions("wafv2", "AssociateWebACL", "DisassociateWebACL"),
      ...actions("elasticloadbalancing", "SetWebACL"),
    ],
  },
  aws_wafv2_web_acl_logging_configuration: {
    read: actions("wafv2", "GetLoggingConfiguration"),
    write: [
      ...actions("wafv2", "PutLoggingConfiguration", "DeleteLoggingConfiguration"),
      // AWS WAF sets the delivery to a log group up in the name of the caller.
      // https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
      ...actions(
        "logs",
        "CreateLogDelivery",
        "DeleteLogDelivery",
        "PutResourcePolicy",
        "DescribeResourcePolicies",
        "DescribeLogGroups",
      ),
    ],
  },
  // Terraform's own, which asks nobody.
  terraform_data: { read: [], write: [] },
};

/** The same for data sources. */
export const DATA_SOURCES: Readonly<Record<string, Pick<Permissions, "read">>> = {
  aws_availability_zones: { read: actions("ec2", "DescribeAvailabilityZones") },
  // Everybody may ask who they are.
  aws_caller_identity: { read: [] },
  aws_partition: { read: [] },
  aws_resourcegroupstaggingapi_resources: { read: actions("tag", "GetResources") },
};

/** The same for ephemeral resources. */
export const EPHEMERAL_RESOURCES: Readonly<Record<string, Pick<Permissions, "read">>> = {
  aws_secretsmanager_secret_version: { read: actions("secretsmanager", "GetSecretValue") },
};

/**
 * What `npm run ops -- deploy --watch` asks of AWS, besides what Terraform does: it follows a rollout, says why
 * one failed, and moves the image's tag back.
 */
export const WATCHING_A_ROLLOUT: readonly string[] = [
  ...actions("ecs", "DescribeServiceRevisions", "DescribeServices", "DescribeTaskDefinition"),
  ...actions("ecs", "DescribeTasks", "ListServiceDeployments", "ListTasks"),
  ...actions("ecr", "BatchGetImage", "DescribeImages", "PutImage"),
  ...actions("elasticloadbalancing", "DescribeTargetHealth"),
  ...actions("logs", "GetLogEvents"),
];

function actions(service: string, ...names: string[]): string[] {
  return names.map((name) => `${service}:${name}`);
}
