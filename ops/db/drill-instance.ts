import { userInfo } from "node:os";
import {
  DeleteDBInstanceCommand,
  paginateDescribeDBSnapshots,
  RDSClient,
  RestoreDBInstanceFromDBSnapshotCommand,
  type DBInstance,
  type DBSnapshot,
} from "@aws-sdk/client-rds";
import type { Report } from "../../local/step";
import { awsClient } from "../aws-client";
import { EXIT, Problem } from "../problem";
import { call, isAwsError, waitFor } from "./aws-calls";
import { databaseOf, describeInstance, type Database } from "./database";

/** The command that removes what a drill has left. */
export const REMOVE = "npm run ops -- db drill --remove";

/** Marks the throw-away: nothing without it is ever removed. */
const TAG = { Key: "Purpose", Value: "restore-drill" };
const LONGEST_IDENTIFIER = 63;
const HOUR_SECONDS = 3600;
/** An instance in one of these will not become available. */
const DEAD = [
  "failed",
  "incompatible-network",
  "incompatible-option-group",
  "incompatible-parameters",
  "incompatible-restore",
];

/** The one name of the throw-away: where it is taken, a drill runs or has left something. */
export function drillIdentifier(identifier: string): string {
  const suffix = "-drill";
  return identifier.slice(0, LONGEST_IDENTIFIER - suffix.length).replace(/-+$/, "") + suffix;
}

/** The name of the throw-away of an application's database. */
export function throwAwayOf(appName: string): string {
  return drillIdentifier(`${appName}-postgres`);
}

/** Whether a drill made this instance. */
export function isOfDrill({ TagList: tags = [] }: DBInstance): boolean {
  return tags.some(({ Key, Value }) => Key === TAG.Key && Value === TAG.Value);
}

/** The name of the throw-away, where a drill has made one. Also while it is being deleted. */
export async function findThrowAway(
  { appName, region }: { readonly appName: string; readonly region: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  const identifier = throwAwayOf(appName);
  const instance = await describeInstance(awsClient(RDSClient, region), identifier, signal);
  return instance && isOfDrill(instance) ? identifier : undefined;
}

/**
 * The newest snapshot that is complete, automated or manual.
 *
 * @throws Problem when there is none.
 */
export async function newestSnapshot(
  rds: RDSClient,
  identifier: string,
  signal: AbortSignal,
): Promise<DBSnapshot> {
  const snapshots = await call(signal, async (options) => {
    const found: DBSnapshot[] = [];
    const pages = paginateDescribeDBSnapshots({ client: rds }, { DBInstanceIdentifier: identifier }, options);
    for await (const { DBSnapshots = [] } of pages) found.push(...DBSnapshots);
    return found;
  });
  const [newest] = snapshots
    .filter(({ Status }) => Status === "available")
    .sort((a, b) => Number(b.SnapshotCreateTime) - Number(a.SnapshotCreateTime));
  if (!newest) {
    throw new Problem(
      `There is no snapshot of ${identifier}: nothing could be restored.`,
      "Automated ones come daily: db_backup_retention_period must not be 0. Take one now:\n" +
        `aws rds create-db-snapshot --db-instance-identifier ${identifier} --db-snapshot-identifier ${identifier}-first`,
    );
  }
  return newest;
}

/**
 * Asks RDS to restore a snapshot next to the original: as private, in the same subnets, behind the same security
 * group, with the same parameters, but without a standby, backups or protection.
 *
 * No signal stops it half-way: whoever asked has to know whether there is something to remove.
 */
export async function restoreSnapshot(
  rds: RDSClient,
  { identifier, instance }: Database,
  snapshot: DBSnapshot,
): Promise<void> {
  await call(new AbortController().signal, (options) =>
    rds.send(
      new RestoreDBInstanceFromDBSnapshotCommand({
        DBInstanceIdentifier: drillIdentifier(identifier),
        DBSnapshotIdentifier: snapshot.DBSnapshotIdentifier,
        DBInstanceClass: instance.DBInstanceClass,
        DBSubnetGroupName: instance.DBSubnetGroup?.DBSubnetGroupName,
        VpcSecurityGroupIds: instance.VpcSecurityGroups?.flatMap(({ VpcSecurityGroupId: id }) => id ?? []),
        DBParameterGroupName: instance.DBParameterGroups?.[0]?.DBParameterGroupName,
        PubliclyAccessible: false,
        MultiAZ: false,
        AutoMinorVersionUpgrade: false,
        BackupRetentionPeriod: 0,
        CopyTagsToSnapshot: false,
        DeletionProtection: false,
        // Without tags RDS would copy those of the original, and the throw-away would look like Terraform's.
        Tags: [
          { Key: "Name", Value: `Throw-away of a restore drill of ${identifier}` },
          TAG,
          { Key: "StartedBy", Value: userInfo().username.replace(/[^\w.@-]/g, "-") },
        ],
      }),
      options,
    ),
  );
}

/**
 * Waits until the throw-away is available.
 *
 * @throws Problem when it will never be.
 */
export async function waitUntilAvailable(
  rds: RDSClient,
  identifier: string,
  signal: AbortSignal,
  report: Report,
): Promise<Database> {
  const available = await waitFor({
    everySeconds: 15,
    forSeconds: 4 * HOUR_SECONDS,
    signal,
    report,
    ask: async () => {
      const instance = await describeInstance(rds, identifier, signal);
      const status = instance?.DBInstanceStatus;
      report(status ?? "RDS does not know it yet");
      if (status && DEAD.includes(status)) {
        throw new Problem(
          `RDS could not restore the snapshot: ${identifier} is ${status}.`,
          EVENTS(identifier),
          EXIT.failed,
        );
      }
      return instance && status === "available" ? databaseOf(instance) : undefined;
    },
  });
  if (!available) {
    throw new Problem(`${identifier} was not available within 4 hours.`, EVENTS(identifier), EXIT.failed);
  }
  return available;
}

/**
 * Deletes the throw-away, with its storage and without a final snapshot.
 *
 * @returns whether it is there no more, or on its way out. RDS may refuse while it is still being made.
 * @throws Problem when an instance of that name was not made by a drill.
 */
export async function deleteThrowAway(
  rds: RDSClient,
  identifier: string,
  signal: AbortSignal,
): Promise<boolean> {
  const instance = await describeInstance(rds, identifier, signal);
  if (!instance || instance.DBInstanceStatus === "deleting") return true;
  if (!isOfDrill(instance)) {
    throw new Problem(
      `${identifier} was not made by a drill: it lacks the tag ${TAG.Key} = ${TAG.Value}.`,
      "Look at it in the RDS console. Nothing was done.",
    );
  }
  try {
    await call(signal, (options) =>
      rds.send(
        new DeleteDBInstanceCommand({
          DBInstanceIdentifier: identifier,
          SkipFinalSnapshot: true,
          DeleteAutomatedBackups: true,
        }),
        options,
      ),
    );
    return true;
  } catch (error) {
    if (isAwsError(error, "InvalidDBInstanceStateFault", "InvalidDBInstanceState")) return false;
    throw error;
  }
}

/** Waits until the throw-away is gone. Returns whether it is. */
export async function waitUntilGone(
  rds: RDSClient,
  identifier: string,
  signal: AbortSignal,
  report: Report,
): Promise<boolean> {
  const gone = await waitFor({
    everySeconds: 15,
    forSeconds: HOUR_SECONDS,
    signal,
    report,
    ask: async () => {
      const instance = await describeInstance(rds, identifier, signal);
      report(instance?.DBInstanceStatus ?? "gone");
      return instance ? undefined : true;
    },
  });
  return gone ?? false;
}

const EVENTS = (identifier: string) =>
  `See why: aws rds describe-events --source-type db-instance --source-identifier ${identifier}`;
