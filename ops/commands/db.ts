import { resolve } from "node:path";
import Table from "cli-table3";
import { Command, InvalidArgumentError } from "commander";
import { freePort } from "../../local/free-port";
import { projectRoot } from "../../local/workspace";
import { accessWithoutDeployment, readAccess } from "../db/access";
import { formatBytes } from "../db/bytes";
import type { Compared } from "../db/comparison";
import { findDatabase, readPassword } from "../db/database";
import { drill, removeLeftover, type Drill, type Fate } from "../db/drill";
import { dumpDatabase } from "../db/dump";
import { majorVersion, psqlInForeground } from "../db/postgres-client";
import { restoreDatabase } from "../db/restore";
import { readSize, type Size } from "../db/size";
import { withTunnel } from "../db/tunnel";
import { globalsOf, print } from "../globals";
import { EXIT, Problem } from "../problem";
import { StackValues } from "../values";

const PREFERRED_PORT = 15432;

/** `ops db` */
export function dbCommand(): Command {
  const db = new Command("db")
    .description(
      "Gets at the database: a shell, a port, dumps, its size, and whether its backups are any good.",
    )
    .exitOverride()
    .addHelpText(
      "after",
      `
The way to the database: a task that only sleeps, in the subnets of the service, and a session of Systems
Manager through it. No bastion, no public address; the task is stopped in the end, and ends by itself where
that fails. It needs enable_execute_command = true, and the Session Manager plugin on this machine.

The password is read from Secrets Manager and given to psql and the others in their environment. It is never
printed, and never in a command line. Set PGSSLROOTCERT to RDS's certificates to have the server's checked.

Examples:
  npm run ops -- db psql
  npm run ops -- db psql -- --csv --command "select count(*) from users"
  npm run ops -- db tunnel --port 15432
  npm run ops -- db dump before-the-migration.dump
  npm run ops -- db restore before-the-migration.dump
  npm run ops -- db size --tables
  npm run ops -- db drill

More: docs/database.md`,
    );

  db.command("psql")
    .description("Opens psql, or runs it with the arguments after --.")
    .argument("[arguments...]", "arguments of psql")
    .option(...hoursOption(1))
    .action(async (args: string[], { hours }: { hours: number }, command: Command) => {
      const globals = globalsOf(command);
      if (globals.json) {
        throw new Problem("psql prints what psql prints.", "Ask it for CSV: db psql -- --csv …");
      }
      const access = await readAccess(globals);
      await majorVersion("psql", access.signal);
      const database = await findDatabase(access);
      const password = await readPassword(access);
      await withTunnel(access, hours, async (tunnel) => {
        const { localPort } = await tunnel.forward(database);
        await psqlInForeground(args, callerDirectory(), { database, localPort, password }, access.signal);
      });
    });

  db.command("tunnel")
    .description("Opens a port on this machine that leads to the database, until Ctrl-C.")
    .option(
      "--port <port>",
      "the port of this machine (default: 15432, or a free one)",
      wholeNumber(1024, 65535),
    )
    .option(...hoursOption(1))
    .action(async (options: { port?: number; hours: number }, command: Command) => {
      const globals = globalsOf(command);
      const port = await localPort(options.port);
      const access = await readAccess(globals);
      const database = await findDatabase(access);
      await withTunnel(access, options.hours, async (tunnel) => {
        const { ended } = await tunnel.forward(database, port);
        const { host, name, username } = database;
        const secret = access.deployment.text("database_credentials_secret_arn");
        print(
          {
            host: "127.0.0.1",
            port,
            database: name,
            username,
            serverName: host,
            secret,
            endsAt: tunnel.endsAt,
          },
          `The database is at 127.0.0.1:${port} until ${tunnel.endsAt.toISOString()}, or Ctrl-C:\n` +
            `  psql "host=${host} hostaddr=127.0.0.1 port=${port} dbname=${name} user=${username} sslmode=require"\n` +
            `The password is in the secret ${secret}`,
          globals,
        );
        await ended;
        throw new Problem("The way to the database closed by itself.", "Open it again.", EXIT.failed);
      });
    });

  db.command("dump")
    .description("Dumps the database into a file, in the custom format of pg_dump. Overwrites nothing.")
    .argument("<file>", "where to; only you will be able to read it")
    .option(...hoursOption(12))
    .action(async (file: string, { hours }: { hours: number }, command: Command) => {
      const globals = globalsOf(command);
      const dump = await dumpDatabase(await readAccess(globals), resolve(callerDirectory(), file), hours);
      print(
        dump,
        `${dump.file} holds ${dump.database}: ${formatBytes(dump.bytes)} in ${dump.seconds} s.`,
        globals,
      );
    });

  db.command("restore")
    .description(
      "Restores a dump: drops the tables that it has and makes them again, in one transaction.\n" +
        "Says first what will be overwritten, and asks for the name of the database.",
    )
    .argument("<file>", "a dump that db dump has made")
    .option("--yes-restore <database>", "the name of the database, in place of typing it")
    .option(...hoursOption(12))
    .action(async (file: string, options: { yesRestore?: string; hours: number }, command: Command) => {
      const globals = globalsOf(command);
      const restored = await restoreDatabase(await readAccess(globals), {
        file: resolve(callerDirectory(), file),
        confirmed: options.yesRestore,
        hours: options.hours,
      });
      const text = `${restored.database} holds what ${restored.file} has: ${restored.tables.length} tables in ${restored.seconds} s.`;
      print(restored, text, globals);
    });

  db.command("size")
    .description("Says how much storage is left, and with --tables what takes it.")
    .option("--tables", "ask the database itself, too")
    .action(async ({ tables = false }: { tables?: boolean }, command: Command) => {
      const globals = globalsOf(command);
      const size = await readSize(await readAccess(globals), tables);
      print(size, describeSize(size), globals);
    });

  db.command("drill")
    .description(
      "Restores the newest snapshot to a throw-away instance, compares it, says how long it took, and removes it.\n" +
        "The database itself is only read. The throw-away bills like any instance while it is there.",
    )
    .option("--remove", "only remove what an earlier drill has left")
    .action(async ({ remove = false }: { remove?: boolean }, command: Command) => {
      const globals = globalsOf(command);
      if (remove) {
        const values = new StackValues(resolve(projectRoot, globals.directory));
        const { app_name: appName, aws_region: region } = await values.effective(globals.signal);
        const removed = await removeLeftover({ appName, region }, accessWithoutDeployment(globals));
        print({ removed }, removed ? `${removed} is removed.` : "No drill has left anything.", globals);
        return;
      }
      const result = await drill(await readAccess(globals));
      if (result.throwAway === "left") process.exitCode = EXIT.failed;
      print(result, describeDrill(result), globals);
    });

  return db;
}

/** The port that was asked for, and otherwise the preferred one or any. */
async function localPort(wanted?: number): Promise<number> {
  const free = await freePort(wanted ?? PREFERRED_PORT);
  if (wanted !== undefined && free !== wanted) {
    throw new Problem(`Port ${wanted} of this machine is taken.`, "Choose another one, or leave --port out.");
  }
  return free;
}

function hoursOption(standard: number) {
  const text = "hours after which the way closes by itself, 1 to 48";
  return ["--hours <hours>", text, wholeNumber(1, 48), standard] as const;
}

function wholeNumber(lowest: number, highest: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < lowest || value > highest) {
      throw new InvalidArgumentError(`It must be a whole number from ${lowest} to ${highest}.`);
    }
    return value;
  };
}

/** Where the user is: npm runs scripts in the project's root. */
function callerDirectory(): string {
  return process.env.INIT_CWD ?? process.cwd();
}

function describeSize({ contents, ...size }: Size): string {
  const limit = size.maximumBytes
    ? `grows up to ${formatBytes(size.maximumBytes)}`
    : "does not grow by itself";
  const free =
    size.freeBytes === undefined
      ? "CloudWatch has no reading of the last hour"
      : `${formatBytes(size.freeBytes)} free (${Math.round((100 * size.freeBytes) / size.allocatedBytes)} %)`;
  const lines = [
    `${size.identifier}: PostgreSQL ${size.engineVersion} on ${size.instanceClass}, ${size.status}`,
    `Storage: ${formatBytes(size.allocatedBytes)}, ${free}; ${limit}`,
  ];
  if (!contents) return lines.join("\n");
  const table = new Table({ head: ["Table", "Size", "Rows, estimated"], style: { head: [], border: [] } });
  for (const { name, bytes, estimatedRows } of contents.tables) {
    table.push([name, formatBytes(bytes), estimatedRows ?? "never analyzed"]);
  }
  return [...lines, `Database: ${formatBytes(contents.bytes)}`, table.toString()].join("\n");
}

const FATES: Readonly<Record<Fate, string>> = {
  removed: "The throw-away is removed.",
  deleting: "The throw-away is being deleted: RDS goes on by itself.",
  left: "The throw-away could not be removed, and costs money: see above.",
};

function describeDrill({
  snapshot,
  snapshotCreatedAt,
  restoreSeconds,
  compared,
  tablesNotCompared,
  throwAway,
}: Drill): string {
  const minutes = (restoreSeconds / 60).toFixed(1);
  return [
    `${snapshot}, of ${snapshotCreatedAt}, was restored in ${minutes} minutes.`,
    comparisonTable(compared),
    tablesNotCompared
      ? `The tables were not compared: ${tablesNotCompared}`
      : "Differences in numbers are what was written since.",
    FATES[throwAway],
  ].join("\n");
}

function comparisonTable(compared: readonly Compared[]): string {
  const table = new Table({ head: ["", "Original", "Restored", ""], style: { head: [], border: [] } });
  for (const { what, original, restored, same } of compared)
    table.push([what, original, restored, same ? "" : "differs"]);
  return table.toString();
}
