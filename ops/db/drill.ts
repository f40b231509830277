import { RDSClient, type DBSnapshot } from "@aws-sdk/client-rds";
import { awsClient } from "../aws-client";
import { EXIT, Problem } from "../problem";
import type { Access } from "./access";
import { messageOf, waitFor } from "./aws-calls";
import { compareContents, compareInstances, flawOf, type Compared } from "./comparison";
import { readContents } from "./contents";
import { describeInstance, findDatabase, readPassword, type Database } from "./database";
import {
  deleteThrowAway,
  drillIdentifier,
  isOfDrill,
  newestSnapshot,
  REMOVE,
  restoreSnapshot,
  throwAwayOf,
  waitUntilAvailable,
  waitUntilGone,
} from "./drill-instance";
import { majorVersion } from "./postgres-client";
import { withTunnel } from "./tunnel";

export interface Drill {
  readonly snapshot: string;
  readonly snapshotCreatedAt: string;
  /** Seconds from the request until the restored database was available. */
  readonly restoreSeconds: number;
  readonly compared: readonly Compared[];
  /** Why the tables were not compared, where they were not. */
  readonly tablesNotCompared?: string;
  readonly throwAway: Fate;
}

/** What became of the throw-away. RDS needs nobody to go on with `deleting`; what is `left` bills on. */
export type Fate = "removed" | "deleting" | "left";

/** Long enough for RDS to take the request, short enough for whoever pressed Ctrl-C. */
const PATIENCE_SECONDS = 30;

/**
 * Restores the newest snapshot to a throw-away instance, compares it with the original, and removes it whatever
 * happens. The original is only read.
 *
 * @throws Problem when there is no snapshot, an earlier throw-away stands, or the restored database is no good.
 */
export async function drill(access: Access): Promise<Drill> {
  const { deployment, signal, step, say } = access;
  const rds = awsClient(RDSClient, deployment.region);
  const original = await findDatabase(access);
  const identifier = drillIdentifier(original.identifier);
  await refuseLeftover(rds, identifier, signal);
  const snapshot = await newestSnapshot(rds, original.identifier, signal);
  say(`The newest snapshot is ${snapshot.DBSnapshotIdentifier}, of ${timeOf(snapshot)}.`);

  const start = Date.now();
  let restoreSeconds = 0;
  let comparison: Comparison = { compared: [] };
  let throwAway: Fate;
  // Outside of what removes it: where this is refused, an instance of that name is somebody else's.
  await restoreSnapshot(rds, original, snapshot);
  try {
    signal.throwIfAborted();
    const restored = await step(`Restoring it as ${identifier}`, (report) =>
      waitUntilAvailable(rds, identifier, signal, report),
    );
    restoreSeconds = Math.round((Date.now() - start) / 1000);
    comparison = await compare(access, original, restored);
  } finally {
    throwAway = await remove(access, rds, identifier);
  }
  if (comparison.flaw) {
    throw new Problem(comparison.flaw, "Look at older snapshots before you need one.", EXIT.failed);
  }
  const { compared, tablesNotCompared } = comparison;
  return {
    snapshot: snapshot.DBSnapshotIdentifier ?? "unknown",
    snapshotCreatedAt: timeOf(snapshot),
    restoreSeconds,
    compared,
    ...(tablesNotCompared !== undefined && { tablesNotCompared }),
    throwAway,
  };
}

/**
 * Removes what a drill has left. It asks neither for the original nor for the state: half a destroy leaves none.
 *
 * @returns its name, or `undefined` when there is nothing.
 */
export async function removeLeftover(
  { appName, region }: { readonly appName: string; readonly region: string },
  { signal, step }: Pick<Access, "signal" | "step">,
): Promise<string | undefined> {
  const rds = awsClient(RDSClient, region);
  const identifier = throwAwayOf(appName);
  if (!(await describeInstance(rds, identifier, signal))) return undefined;
  if (!(await deleteThrowAway(rds, identifier, signal))) {
    throw new Problem(
      `RDS does not delete ${identifier} while it is being made.`,
      `Try again later: ${REMOVE}`,
      EXIT.failed,
    );
  }
  const gone = await step(`Removing ${identifier}`, (report) =>
    waitUntilGone(rds, identifier, signal, report),
  );
  if (!gone)
    throw new Problem(`${identifier} is still being deleted.`, `Look again later: ${REMOVE}`, EXIT.failed);
  return identifier;
}

interface Comparison {
  readonly compared: readonly Compared[];
  readonly tablesNotCompared?: string;
  readonly flaw?: string | undefined;
}

async function compare(access: Access, original: Database, restored: Database): Promise<Comparison> {
  const compared = compareInstances(original, restored);
  try {
    await majorVersion("psql", access.signal);
    const password = await readPassword(access);
    return await withTunnel(access, 1, async (tunnel) => {
      const read = async (database: Database) => {
        const { localPort } = await tunnel.forward(database);
        return readContents({ database, localPort, password }, access.signal);
      };
      const [inOriginal, inRestored] = [await read(original), await read(restored)];
      return {
        compared: [...compared, ...compareContents(inOriginal, inRestored)],
        flaw: flawOf(inOriginal, inRestored),
      };
    });
  } catch (error) {
    // What RDS says of the two is worth a report without it.
    if (!(error instanceof Problem)) throw error;
    return { compared, tablesNotCompared: `${error.message}\n${error.remedy}` };
  }
}

async function refuseLeftover(rds: RDSClient, identifier: string, signal: AbortSignal): Promise<void> {
  const instance = await describeInstance(rds, identifier, signal);
  if (!instance) return;
  const startedBy = instance.TagList?.find(({ Key }) => Key === "StartedBy")?.Value ?? "somebody";
  throw new Problem(
    `${identifier} is there: another drill runs, or one has left it. ${startedBy} started it${since(instance.InstanceCreateTime)}; it is ${instance.DBInstanceStatus}.`,
    isOfDrill(instance)
      ? `If no drill runs, remove it: ${REMOVE}`
      : "It was not made by a drill: rename it or remove it in the RDS console.",
  );
}

/** Removes the throw-away and says how that went. Never throws: there may be an error to report already. */
async function remove({ signal, step, say }: Access, rds: RDSClient, identifier: string): Promise<Fate> {
  // The command may have been interrupted. This must happen all the same.
  const patience = AbortSignal.timeout(2 * PATIENCE_SECONDS * 1000);
  const accepted = await waitFor({
    everySeconds: 10,
    forSeconds: PATIENCE_SECONDS,
    signal: patience,
    report: say,
    ask: async () => (await deleteThrowAway(rds, identifier, patience)) || undefined,
  }).catch(messageOf);
  if (accepted !== true) {
    say(
      `${identifier} is left: ${accepted ?? "RDS does not delete it while it is being made."}\n` +
        `It costs money until it is removed: ${REMOVE}`,
    );
    return "left";
  }
  try {
    const gone = await step(`Removing ${identifier}`, (report) =>
      waitUntilGone(rds, identifier, signal, report),
    );
    if (gone) return "removed";
  } catch {
    // RDS has taken the request, and needs nobody to watch.
  }
  say(`${identifier} is being deleted: RDS goes on by itself.`);
  return "deleting";
}

function timeOf({ SnapshotCreateTime: time }: DBSnapshot): string {
  return time?.toISOString() ?? "unknown";
}

function since(time: Date | undefined): string {
  return time ? ` at ${time.toISOString()}` : "";
}
