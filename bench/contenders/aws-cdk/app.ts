import { App, Duration, Stack, type StackProps } from "aws-cdk-lib";
import { InstanceClass, InstanceSize, InstanceType, Port, SubnetType, Vpc } from "aws-cdk-lib/aws-ec2";
import { Repository } from "aws-cdk-lib/aws-ecr";
import { Cluster, ContainerImage, Secret as ContainerSecret } from "aws-cdk-lib/aws-ecs";
import { ApplicationLoadBalancedFargateService } from "aws-cdk-lib/aws-ecs-patterns";
import {
  Credentials,
  DatabaseInstance,
  DatabaseInstanceEngine,
  PostgresEngineVersion,
} from "aws-cdk-lib/aws-rds";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";

class TimeSeriesAnalyzerStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const vpc = new Vpc(this, "Vpc", { maxAzs: 2 });
    const backend = new Repository(this, "BackendRepository", { lifecycleRules: [{ maxImageCount: 10 }] });
    new Repository(this, "FrontendRepository", { lifecycleRules: [{ maxImageCount: 10 }] });
    const apiKey = new Secret(this, "ApiKey");

    const database = new DatabaseInstance(this, "Database", {
      engine: DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_15 }),
      instanceType: InstanceType.of(InstanceClass.T3, InstanceSize.MICRO),
      credentials: Credentials.fromGeneratedSecret("postgres"),
      databaseName: "timeseries",
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      storageEncrypted: true,
      backupRetention: Duration.days(7),
    });

    const service = new ApplicationLoadBalancedFargateService(this, "Service", {
      cluster: new Cluster(this, "Cluster", { vpc }),
      cpu: 256,
      memoryLimitMiB: 512,
      desiredCount: 1,
      taskImageOptions: {
        image: ContainerImage.fromEcrRepository(backend),
        containerPort: 8000,
        secrets: {
          API_KEY: ContainerSecret.fromSecretsManager(apiKey),
          ...(database.secret && {
            DATABASE_CREDENTIALS: ContainerSecret.fromSecretsManager(database.secret),
          }),
        },
      },
      circuitBreaker: { rollback: true },
    });
    service.targetGroup.configureHealthCheck({ path: "/api/health" });
    service.service
      .autoScaleTaskCount({ minCapacity: 1, maxCapacity: 2 })
      .scaleOnCpuUtilization("Cpu", { targetUtilizationPercent: 70 });
    database.connections.allowFrom(service.service, Port.POSTGRES);
  }
}

new TimeSeriesAnalyzerStack(new App(), "TimeSeriesAnalyzer");
