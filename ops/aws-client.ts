import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { ECRClient } from "@aws-sdk/client-ecr";
import { ECSClient } from "@aws-sdk/client-ecs";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";

/** What a client of the AWS SDK is made with. */
interface ClientConfig {
  readonly region: string;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: boolean;
  };
}

/**
 * A client of the AWS SDK with the credentials of whoever runs this. No call hangs for ever: one that gets no
 * answer for 30 seconds fails, as when a network drops packets without a word.
 */
export function awsClient<Client>(Client: new (config: ClientConfig) => Client, region: string): Client {
  // It says what a later version of the SDK will need. The version here is pinned.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  return new Client({
    region,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
  });
}

/** The clients that look after the backend's service. */
export interface BackendClients {
  readonly ecs: ECSClient;
  readonly ecr: ECRClient;
  readonly elb: ElasticLoadBalancingV2Client;
  readonly logs: CloudWatchLogsClient;
}

/** Makes the clients that look after the backend's service. */
export function backendClients(region: string): BackendClients {
  return {
    ecs: awsClient(ECSClient, region),
    ecr: awsClient(ECRClient, region),
    elb: awsClient(ElasticLoadBalancingV2Client, region),
    logs: awsClient(CloudWatchLogsClient, region),
  };
}
