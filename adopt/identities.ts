/** What makes a resource the one that others know: an attribute that an operator can compare. */
interface Identity {
  readonly label: string;
  readonly attribute: string;
}

/** In the order in which they are shown. None of these attributes holds a secret. */
const IDENTITIES: readonly (readonly [type: string, ...identities: Identity[]])[] = [
  ["aws_vpc", { label: "VPC", attribute: "id" }],
  ["aws_subnet", { label: "Subnet", attribute: "id" }],
  ["aws_eip", { label: "Elastic IP address", attribute: "public_ip" }],
  ["aws_nat_gateway", { label: "NAT gateway", attribute: "id" }],
  ["aws_security_group", { label: "Security group", attribute: "id" }],
  ["aws_lb", { label: "Load balancer DNS name", attribute: "dns_name" }],
  ["aws_lb_target_group", { label: "Target group", attribute: "name" }],
  ["aws_lb_listener", { label: "Listener on port", attribute: "port" }],
  [
    "aws_db_instance",
    { label: "Database", attribute: "identifier" },
    { label: "Database endpoint", attribute: "endpoint" },
  ],
  ["aws_secretsmanager_secret", { label: "Secret", attribute: "arn" }],
  ["aws_ecr_repository", { label: "Image repository", attribute: "repository_url" }],
  ["aws_ecs_cluster", { label: "ECS cluster", attribute: "name" }],
  ["aws_ecs_service", { label: "ECS service", attribute: "name" }],
  ["aws_iam_role", { label: "IAM role", attribute: "name" }],
  ["aws_cloudwatch_log_group", { label: "Log group", attribute: "name" }],
  ["aws_s3_bucket", { label: "Bucket", attribute: "bucket" }],
  ["aws_cloudfront_distribution", { label: "CloudFront domain name", attribute: "domain_name" }],
];

/** One thing that stays, as others know it. */
export interface Kept {
  readonly address: string;
  readonly label: string;
  readonly value: string;
}

interface Resource {
  readonly address: string;
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What others know of the resources that stay. */
export function identitiesOf(resources: readonly Resource[]): Kept[] {
  return IDENTITIES.flatMap(([type, ...identities]) =>
    identities.flatMap(({ label, attribute }) =>
      resources
        .filter((resource) => resource.type === type)
        .map(({ address, attributes }) => ({ address, label, value: String(attributes[attribute]) })),
    ),
  );
}
