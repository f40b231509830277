import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { RDS } from "@aws-sdk/client-rds";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { findThrowAway, REMOVE } from "../db/drill-instance";
import { existingIn, type Planned } from "../existing/find";
import { AWS_LOG, BACKUPS, insightsLog, secretMeaning, SNAPSHOT, type Survivor } from "./inventory";

/** Something of the stack that should be gone. */
export interface Leftover {
  /** Where the stack has it, or what else it is. */
  readonly address: string;
  readonly id: string;
  /** Whether AWS bills it by the hour, used or not. */
  readonly bills: boolean;
}

/** What AWS still has of a stack. */
export interface Remains {
  readonly leftovers: readonly Leftover[];
  readonly survivors: readonly Survivor[];
}

const BILLED_BY_THE_HOUR = new Set([
  "aws_db_instance",
  "aws_ecs_service",
  "aws_eip",
  "aws_lb",
  "aws_nat_gateway",
  "aws_secretsmanager_secret",
]);

/**
 * Asks AWS what is left of a stack, by name and tag: a state may have lost track of something.
 *
 * @param planned - All that the stack is made of.
 */
export async function remainsOf(
  planned: readonly Planned[],
  {
    appName,
    region,
    signal,
  }: { readonly appName: string; readonly region: string; readonly signal: AbortSignal },
): Promise<Remains> {
  const find = existingIn({ region, signal });
  const leftovers = await Promise.all(
    planned.map(async (resource) =>
      (await find(resource))
        // One that waits for its deletion survives for a while, as it should.
        .filter(({ first }) => first === undefined)
        .map(({ id }) => ({
          address: resource.address,
          id,
          bills: BILLED_BY_THE_HOUR.has(resource.type),
        })),
    ),
  );
  const throwAway = await findThrowAway({ appName, region }, signal);
  return {
    leftovers: [
      ...leftovers.flat(),
      ...(throwAway ? [{ address: `left by a drill (${REMOVE})`, id: throwAway, bills: true }] : []),
    ],
    survivors: await survivorsOf(appName, region, signal),
  };
}

async function survivorsOf(appName: string, region: string, signal: AbortSignal): Promise<Survivor[]> {
  const options = { abortSignal: signal };
  const identifier = `${appName}-postgres`;
  const rds = new RDS({ region });
  const [{ DBSnapshots = [] }, { DBInstanceAutomatedBackups = [] }, { SecretList = [] }, { logGroups = [] }] =
    await Promise.all([
      rds.describeDBSnapshots({ SnapshotType: "manual", DBInstanceIdentifier: identifier }, options),
      rds
        .describeDBInstanceAutomatedBackups({ DBInstanceIdentifier: identifier }, options)
        .catch(notFound({ DBInstanceAutomatedBackups: [] })),
      new SecretsManager({ region }).listSecrets(
        { IncludePlannedDeletion: true, Filters: [{ Key: "name", Values: [`${appName}-`] }] },
        options,
      ),
      new CloudWatchLogs({ region }).describeLogGroups(
        { logGroupNamePrefix: insightsLog(`${appName}-cluster`) },
        options,
      ),
    ]);
  return [
    ...DBSnapshots.map(({ DBSnapshotIdentifier }) => ({
      what: `the database snapshot ${DBSnapshotIdentifier}`,
      meaning: SNAPSHOT,
    })),
    ...(DBInstanceAutomatedBackups.length > 0
      ? [{ what: "automated backups of the database", meaning: BACKUPS }]
      : []),
    ...SecretList.flatMap(({ Name, DeletedDate }) =>
      DeletedDate ? [{ what: `the secret ${Name}`, meaning: secretMeaning() }] : [],
    ),
    ...logGroups.map(({ logGroupName }) => ({ what: `the log ${logGroupName}`, meaning: AWS_LOG })),
  ];
}

function notFound<T>(value: T): (error: Error) => T {
  return (error) => {
    if (/NotFound/.test(error.name)) return value;
    throw error;
  };
}
