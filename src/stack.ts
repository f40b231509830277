import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import {
  Fn,
  Op,
  TerraformDataSource,
  type TerraformElement,
  TerraformLocal,
  TerraformResource,
  TerraformStack,
  Token,
} from "cdktf";
import type { Construct, Node } from "constructs";
import { defineBackend, type StateLocation } from "./backend";
import { Alarms } from "./constructs/alarms";
import { ApplicationSecrets } from "./constructs/application-secrets";
import { Autoscaling } from "./constructs/autoscaling";
import { BackendService } from "./constructs/backend-service";
import { Dashboard } from "./constructs/dashboard";
import { Database } from "./constructs/database";
import { ExistingBucket } from "./constructs/existing-bucket";
import { FlowLogs } from "./constructs/flow-logs";
import { Frontend } from "./constructs/frontend";
import { LoadBalancer } from "./constructs/load-balancer";
import { NetworkAcls } from "./constructs/network-acls";
import { Repository } from "./constructs/repository";
import { SecurityGroups } from "./constructs/security-groups";
import { Vpc } from "./constructs/vpc";
import { WebAcl } from "./constructs/web-acl";
import { expression } from "./lib/expression";
import { consoleHost } from "./lib/console-host";
import { defineOutputs } from "./outputs";
import { defineProfile } from "./profiles";
import { forgetOlderResources } from "./removed";
import { defineVariables } from "./variables";
import { defineWarnings } from "./warnings";

export interface TimeSeriesAnalyzerStackProps {
  /** Where Terraform keeps the state. */
  readonly state: StateLocation;
}

/** The whole deployment: inputs, provider, parts from the ground up, outputs. */
export class TimeSeriesAnalyzerStack extends TerraformStack {
  private readonly addresses = new Set<string>();

  constructor(scope: Construct, id: string, props: TimeSeriesAnalyzerStackProps) {
    super(scope, id);
    // Write-only arguments need 1.11.
    this.addOverride("terraform.required_version", ">= 1.11");
    defineBackend(this, props.state);
    forgetOlderResources(this);

    const variables = defineVariables(this);
    const {
      general,
      network,
      loadBalancer: alb,
      backend,
      database: db,
      frontend: web,
      operations,
    } = variables;
    defineWarnings(this);
    const { appName, region, environment } = general;
    const profile = defineProfile(this, variables);

    new AwsProvider(this, "aws", {
      region,
      defaultTags: [
        {
          tags: Fn.merge([general.tags, { Project: appName, Environment: environment, ManagedBy: "cdktf" }]),
        },
      ],
    });
    const { partition } = new DataAwsPartition(this, "partition");
    const { accountId } = new DataAwsCallerIdentity(this, "account");
    const common = { appName, accountId, partition, region };
    const { logRetentionInDays } = operations;
    const egressPorts = backend.egressPorts.fqn;

    const vpc = new Vpc(this, "vpc", {
      appName,
      region,
      cidrBlock: network.vpcCidr,
      availabilityZones: network.availabilityZones.listValue,
      publicSubnetCidrs: network.publicSubnetCidrs,
      privateSubnetCidrs: network.privateSubnetCidrs,
      singleNatGateway: network.singleNatGateway,
    });
    new NetworkAcls(this, "network_acls", {
      appName,
      vpc,
      backendPort: backend.port,
      databasePort: db.port,
      egressPorts,
    });
    new FlowLogs(this, "flow_logs", {
      appName,
      accountId,
      vpc,
      enabled: profile.flag("enable_flow_logs"),
      logRetentionInDays,
    });
    const securityGroups = new SecurityGroups(this, "security_groups", {
      vpc,
      ingressCidrs: alb.albIngressCidrs,
      enableSsl: alb.enableSsl,
      backendPort: backend.port,
      databasePort: db.port,
      egressPorts,
    });

    const loadBalancer = new LoadBalancer(this, "load_balancer", {
      ...common,
      vpc,
      securityGroupId: securityGroups.loadBalancerId,
      enableSsl: alb.enableSsl,
      certificateArn: alb.certificateArn,
      sslPolicy: alb.sslPolicy,
      idleTimeout: alb.albIdleTimeout,
      deletionProtection: profile.flag("alb_deletion_protection"),
      enableAccessLogs: profile.flag("enable_alb_access_logs"),
      targetPort: backend.port,
      healthCheck: {
        path: alb.healthCheckPath,
        matcher: alb.healthCheckMatcher,
        interval: alb.healthCheckInterval,
        timeout: alb.healthCheckTimeout,
      },
      deregistrationDelay: alb.deregistrationDelay,
    });

    const forceDelete = profile.flag("ecr_force_delete");
    const backendRepository = new Repository(this, "backend_repo", {
      repositoryName: `${appName}-backend`,
      deployedTag: backend.imageTag,
      forceDelete,
    });
    const frontendRepository = new Repository(this, "frontend_repo", {
      repositoryName: `${appName}-frontend`,
      deployedTag: "latest",
      forceDelete,
    });

    const frontendBucketName = Token.asString(
      expression(
        this,
        `coalesce(${web.bucketName}, format("%s-frontend-bucket-%s", ${appName}, ${environment}))`,
      ),
    );
    const existingBucket = new ExistingBucket(this, "existing_bucket", {
      partition,
      bucketName: frontendBucketName,
      enabled: expression(this, `${web.enableHosting.fqn} == null`),
    });
    const hosting = new TerraformLocal(
      this,
      "enable_frontend_hosting",
      expression(this, `coalesce(${web.enableHosting.fqn}, ${Token.asString(existingBucket.exists)})`),
    );
    const frontend = new Frontend(this, "frontend", {
      ...common,
      environment,
      enabled: hosting.expression,
      bucketName: frontendBucketName,
      forceDestroy: profile.flag("frontend_force_destroy"),
      enableAccessLogs: profile.flag("enable_frontend_access_logs"),
      domainName: web.domainName,
      certificateArn: web.certificateArn,
      loadBalancer,
      enableSsl: alb.enableSsl,
      backendDomainName: web.backendDomainName,
      ingressCidrs: alb.albIngressCidrs,
    });

    const webAcl = new WebAcl(this, "firewall", {
      ...common,
      loadBalancer,
      enabled: profile.flag("enable_waf"),
      rateLimit: alb.wafRateLimit,
      behindCloudFront: hosting.expression,
      logRetentionInDays,
    });

    const databasePassword = {
      name: "db_password",
      value: db.password.stringValue,
      version: db.passwordVersion,
    };
    const database = new Database(this, "database", {
      ...common,
      vpc,
      securityGroupId: securityGroups.databaseId,
      instanceClass: db.instanceClass,
      engineVersion: db.engineVersion,
      allocatedStorage: db.allocatedStorage,
      maxAllocatedStorage: db.maxAllocatedStorage,
      storageType: db.storageType,
      databaseName: db.name,
      username: db.username,
      password: databasePassword,
      port: db.port,
      multiAz: profile.flag("db_multi_az"),
      backupRetentionPeriod: db.backupRetentionPeriod,
      backupWindow: db.backupWindow,
      maintenanceWindow: db.maintenanceWindow,
      applyImmediately: profile.flag("db_apply_immediately"),
      deletionProtection: profile.flag("db_deletion_protection"),
      skipFinalSnapshot: profile.flag("db_skip_final_snapshot"),
      monitoringInterval: db.monitoringInterval,
      logRetentionInDays,
    });
    const secrets = new ApplicationSecrets(this, "secrets", {
      appName,
      recoveryWindowInDays: profile.number("secret_recovery_window_in_days"),
      database,
      databasePassword,
      apiKey: { name: "api_key", value: backend.apiKey.stringValue, version: backend.apiKeyVersion },
    });

    const service = new BackendService(this, "service", {
      ...common,
      vpc,
      securityGroupId: securityGroups.backendId,
      loadBalancer,
      image: `${backendRepository.url}:${backend.imageTag}`,
      cpuArchitecture: backend.cpuArchitecture,
      cpu: backend.cpu,
      memoryMiB: backend.memory,
      containerPort: backend.port,
      desiredCount: backend.desiredCount.numberValue,
      environment: {
        ENVIRONMENT: environment,
        CORS_ORIGINS: Fn.join(",", backend.corsOrigins),
        DATABASE_POOL_SIZE: backend.databasePoolSize,
        DATABASE_MAX_OVERFLOW: backend.databaseMaxOverflow,
        DATABASE_POOL_RECYCLE: backend.databasePoolRecycle,
        // uvicorn closes idle connections after 5 seconds, and a request that the load balancer sends on
        // one just then is answered with 502. So the load balancer must be the first to close.
        UVICORN_TIMEOUT_KEEP_ALIVE: Token.asNumber(Op.add(alb.albIdleTimeout, 5)),
      },
      secrets: { DATABASE_URL: secrets.databaseUrl, API_KEY: secrets.apiKey },
      healthCheckGracePeriod: backend.healthCheckGracePeriod,
      useFargateSpot: backend.useFargateSpot,
      enableExecuteCommand: backend.enableExecuteCommand,
      logRetentionInDays,
    });
    const minCapacity = backend.desiredCount.numberValue;
    new Autoscaling(this, "autoscaling", {
      appName,
      service,
      loadBalancer,
      minCapacity,
      maxCapacity: Token.asNumber(Fn.max([profile.number("backend_max_count"), minCapacity])),
    });

    const alarms = new Alarms(this, "alarms", {
      appName,
      accountId,
      loadBalancer,
      service,
      database,
      databaseInstanceClass: db.instanceClass,
      databaseAllocatedStorage: db.allocatedStorage,
      email: operations.alarmEmail,
    });
    const dashboard = new Dashboard(this, "dashboard", {
      appName,
      region,
      loadBalancer,
      webAcl,
      service,
      database,
    });

    const scheme = expression(this, `${Token.asString(alb.enableSsl)} ? "https" : "http"`);
    defineOutputs(this, {
      region,
      vpc,
      securityGroups,
      loadBalancer,
      applicationUrl: `${Token.asString(scheme)}://${loadBalancer.dnsName}`,
      healthCheckPath: alb.healthCheckPath,
      backendRepository,
      frontendRepository,
      frontend,
      webAcl,
      service,
      database,
      secrets,
      alarms,
      dashboardUrl: `https://${region}.${consoleHost(this, partition)}/cloudwatch/home?region=${region}#dashboards/dashboard/${dashboard.dashboardName}`,
    });
  }

  /**
   * Addresses are the construct's own id, as in hand-written Terraform, so that code can move between
   * constructs and no resource moves with it. Throws when two elements would share an address: cdktf
   * would merge them without a word.
   */
  protected override allocateLogicalId(element: TerraformElement | Node): string {
    const { id } = "node" in element ? element.node : element;
    const address = `${kindOf(element)}.${id}`;
    if (this.addresses.has(address)) {
      throw new Error(`the address ${address} is taken: give one of the two constructs another id`);
    }
    this.addresses.add(address);
    return id;
  }
}

function kindOf(element: TerraformElement | Node): string {
  if (TerraformDataSource.isTerraformDataSource(element)) {
    return `data.${element.terraformResourceType}`;
  }
  if (TerraformResource.isTerraformResource(element)) {
    return element.terraformResourceType;
  }
  return element.constructor.name;
}
