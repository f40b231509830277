import { TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import type { Alarms } from "./constructs/alarms";
import type { ApplicationSecrets } from "./constructs/application-secrets";
import type { BackendService } from "./constructs/backend-service";
import type { Database } from "./constructs/database";
import type { Frontend } from "./constructs/frontend";
import type { LoadBalancer } from "./constructs/load-balancer";
import type { Repository } from "./constructs/repository";
import type { SecurityGroups } from "./constructs/security-groups";
import type { Vpc } from "./constructs/vpc";
import type { WebAcl } from "./constructs/web-acl";
import { expression } from "./lib/expression";

export interface OutputSources {
  readonly region: string;
  readonly vpc: Vpc;
  readonly securityGroups: SecurityGroups;
  readonly loadBalancer: LoadBalancer;
  /** Address of the application, with its scheme. */
  readonly applicationUrl: string;
  readonly healthCheckPath: string;
  readonly backendRepository: Repository;
  readonly frontendRepository: Repository;
  readonly frontend: Frontend;
  readonly webAcl: WebAcl;
  readonly service: BackendService;
  readonly database: Database;
  readonly secrets: ApplicationSecrets;
  readonly alarms: Alarms;
  readonly dashboardUrl: string;
}

/** What `terraform output` shows, in a scope of its own because an output may share its name with a resource. */
export function defineOutputs(stack: Construct, from: OutputSources): void {
  const scope = new Construct(stack, "outputs");
  const output = (name: string, description: string, value: unknown) =>
    new TerraformOutput(scope, name, { description, value });
  const sensitive = (name: string, description: string, value: unknown) =>
    new TerraformOutput(scope, name, { description, value, sensitive: true });
  // cdktf cannot show an output that is null.
  const orEmpty = (value: string) => expression(scope, `try(coalesce(${value}), "")`);

  output("aws_region", "Region that everything runs in.", from.region);
  output("application_url", "Address of the application.", from.applicationUrl);
  output("health_check_url", "Address of the health check.", `${from.applicationUrl}${from.healthCheckPath}`);
  output(
    "load_balancer_dns",
    "DNS name of the load balancer, for a CNAME record.",
    from.loadBalancer.dnsName,
  );
  output(
    "load_balancer_zone_id",
    "Route 53 zone of the load balancer, for an alias record.",
    from.loadBalancer.zoneId,
  );

  output("backend_ecr_url", "Repository to push the backend's image to.", from.backendRepository.url);
  output("frontend_ecr_url", "Repository to push the frontend's image to.", from.frontendRepository.url);
  output("ecs_cluster_name", "Name of the ECS cluster.", from.service.clusterName);
  output("ecs_service_name", "Name of the ECS service.", from.service.serviceName);
  output("ecs_log_group_name", "CloudWatch log group of the application.", from.service.logGroupName);

  output(
    "frontend_url",
    "Address of the frontend, empty where it is not hosted.",
    orEmpty(from.frontend.url),
  );
  output(
    "frontend_s3_bucket_name",
    "Bucket to copy the frontend's build to, empty where it is not hosted.",
    orEmpty(from.frontend.bucketName),
  );
  output(
    "cloudfront_distribution_domain_name",
    "Name that CloudFront serves the frontend under, empty where it is not hosted.",
    orEmpty(from.frontend.distributionDomainName),
  );
  output(
    "cloudfront_distribution_id",
    "Distribution of the frontend, empty where it is not hosted.",
    orEmpty(from.frontend.distributionId),
  );

  output(
    "web_acl_arn",
    "Web ACL of AWS WAF before the load balancer, empty where it is off.",
    orEmpty(from.webAcl.arn),
  );

  output("dashboard_url", "CloudWatch dashboard for whoever is on call.", from.dashboardUrl);
  output("alarm_topic_arn", "SNS topic that alarms are sent to.", from.alarms.topicArn);

  sensitive("database_endpoint", "Address and port of the database.", from.database.endpoint);
  sensitive("database_connection_details", "What a client needs to connect, without the password.", {
    endpoint: from.database.endpoint,
    port: from.database.port,
    database: from.database.databaseName,
    username: from.database.username,
  });
  sensitive(
    "database_credentials_secret_arn",
    "Secret with the user name and password.",
    from.secrets.databaseCredentials.arn,
  );
  sensitive("database_url_secret_arn", "Secret with the connection URL.", from.secrets.databaseUrl.arn);
  sensitive("api_key_secret_arn", "Secret with the API key.", from.secrets.apiKey.arn);

  output("vpc_id", "Id of the VPC.", from.vpc.id);
  output("public_subnet_ids", "Ids of the public subnets.", from.vpc.publicSubnetIds);
  output("private_subnet_ids", "Ids of the private subnets.", from.vpc.privateSubnetIds);
  output("alb_security_group_id", "Security group of the load balancer.", from.securityGroups.loadBalancerId);
  output("backend_security_group_id", "Security group of the tasks.", from.securityGroups.backendId);
  output("database_security_group_id", "Security group of the database.", from.securityGroups.databaseId);
}
