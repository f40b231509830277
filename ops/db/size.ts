import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import { awsClient } from "../aws-client";
import type { Access } from "./access";
import { call } from "./aws-calls";
import { readContents, type Contents } from "./contents";
import { findDatabase, readPassword } from "./database";
import { withTunnel } from "./tunnel";

const GIB = 1024 ** 3;
const HOUR_MS = 3_600_000;

export interface Size {
  readonly identifier: string;
  readonly status: string;
  readonly instanceClass: string;
  readonly engineVersion: string;
  readonly allocatedBytes: number;
  /** Up to where RDS grows the storage by itself. Undefined when it does not. */
  readonly maximumBytes?: number;
  /** Undefined when CloudWatch has no reading of the last hour. */
  readonly freeBytes?: number;
  readonly contents?: Contents;
}

/** Asks RDS and CloudWatch how much storage is left, and the database itself which tables take it. */
export async function readSize(access: Access, withTables: boolean): Promise<Size> {
  const database = await findDatabase(access);
  const { identifier, engineVersion, instance } = database;
  const freeBytes = await readFreeBytes(access, identifier);
  const contents = withTables
    ? await withTunnel(access, 1, async (tunnel) => {
        const password = await readPassword(access);
        const { localPort } = await tunnel.forward(database);
        return readContents({ database, localPort, password }, access.signal);
      })
    : undefined;
  return {
    identifier,
    status: instance.DBInstanceStatus ?? "unknown",
    instanceClass: instance.DBInstanceClass ?? "unknown",
    engineVersion,
    allocatedBytes: (instance.AllocatedStorage ?? 0) * GIB,
    ...(instance.MaxAllocatedStorage && { maximumBytes: instance.MaxAllocatedStorage * GIB }),
    ...(freeBytes !== undefined && { freeBytes }),
    ...(contents && { contents }),
  };
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html */
async function readFreeBytes(
  { deployment, signal }: Access,
  identifier: string,
): Promise<number | undefined> {
  const cloudWatch = awsClient(CloudWatchClient, deployment.region);
  const now = Date.now();
  const { Datapoints: readings = [] } = await call(signal, (options) =>
    cloudWatch.send(
      new GetMetricStatisticsCommand({
        Namespace: "AWS/RDS",
        MetricName: "FreeStorageSpace",
        Dimensions: [{ Name: "DBInstanceIdentifier", Value: identifier }],
        StartTime: new Date(now - HOUR_MS),
        EndTime: new Date(now),
        Period: 300,
        Statistics: ["Minimum"],
      }),
      options,
    ),
  );
  const [newest] = readings.sort((a, b) => Number(b.Timestamp) - Number(a.Timestamp));
  return newest?.Minimum;
}
