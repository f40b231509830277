import { execa, type Options } from "execa";
import { leaveInterruptsToForeground } from "../../local/interruption";
import { run } from "../../local/child-process";
import type { Environment } from "../../local/environment";
import { EXIT, Problem } from "../problem";
import type { Database } from "./database";

/** A program of PostgreSQL's client tools. */
export type Tool = "psql" | "pg_dump" | "pg_restore";

/** What a client needs to reach a database through a port of this machine. */
export interface Connection {
  readonly database: Database;
  readonly localPort: number;
  readonly password: string;
}

export interface ToolOptions {
  readonly connection?: Connection;
  readonly signal: AbortSignal;
}

const INSTALL = "https://www.postgresql.org/download/";
const GRACE_MS = 4000;
/** The version of PostgreSQL that brought the setting `transaction_timeout`. */
const TRANSACTION_TIMEOUT = 17;

/**
 * What libpq reads in place of arguments, which everybody on this machine could see. Settings of the user's
 * own could lead elsewhere, so only the certificates to trust are kept.
 *
 * The name of the server and the address to find it at are given apart, so that its certificate can be checked
 * although the way leads through this machine.
 * https://www.postgresql.org/docs/current/libpq-envars.html
 */
export function libpqEnvironment(
  { database, localPort, password }: Connection,
  source = process.env,
): Environment {
  const rootCertificate = source.PGSSLROOTCERT;
  return {
    ...withoutLibpq(source),
    PGHOST: database.host,
    PGHOSTADDR: "127.0.0.1",
    PGPORT: String(localPort),
    PGDATABASE: database.name,
    PGUSER: database.username,
    PGPASSWORD: password,
    PGAPPNAME: "ops db",
    PGSSLMODE: rootCertificate ? "verify-full" : "require",
    ...(rootCertificate && { PGSSLROOTCERT: rootCertificate }),
  };
}

/**
 * Looks for a tool. Returns its major version.
 *
 * @throws Problem when it is missing.
 */
export async function majorVersion(tool: Tool, signal: AbortSignal): Promise<number> {
  const options = { cwd: process.cwd(), env: withoutLibpq(process.env), signal };
  const stdout = await run(tool, ["--version"], options).then(
    (finished) => finished.stdout,
    () => "",
  );
  signal.throwIfAborted();
  const [, major] = /(\d+)(?:\.\d+|beta\d+|rc\d+|devel)/.exec(stdout) ?? [];
  if (major === undefined) {
    throw new Problem(`${tool} was not found.`, `Install PostgreSQL's client tools: ${INSTALL}`);
  }
  return Number(major);
}

/**
 * Looks for a `pg_dump` that can read the server (an older one refuses), and whose dump can be restored there.
 *
 * @throws Problem when it is missing, too old or too new.
 */
export async function checkDumpTool(database: Database, signal: AbortSignal): Promise<void> {
  const client = await majorVersion("pg_dump", signal);
  const server = serverVersion(database);
  if (client < server) {
    throw new Problem(
      `pg_dump ${client} cannot dump PostgreSQL ${server}: it must not be older than the server.`,
      `Install PostgreSQL's client tools, version ${Math.max(server, TRANSACTION_TIMEOUT - 1)}: ${INSTALL}`,
    );
  }
  refuseTooNew("pg_dump", client, database);
}

/**
 * Refuses a version of a tool that the server is too old for. From 17 on `pg_restore` sets `transaction_timeout`,
 * which servers have from 17 on, and only such a `pg_restore` reads what `pg_dump` makes from 17 on.
 *
 * @throws Problem naming the version to install.
 */
export function refuseTooNew(tool: Tool, client: number, database: Database): void {
  const server = serverVersion(database);
  if (client >= TRANSACTION_TIMEOUT && server < TRANSACTION_TIMEOUT) {
    throw new Problem(
      `${tool} ${client} is too new for PostgreSQL ${server}: restoring would set transaction_timeout, which servers have only from ${TRANSACTION_TIMEOUT} on.`,
      `Install PostgreSQL's client tools, version ${TRANSACTION_TIMEOUT - 1}: ${INSTALL}\nFor a dump that newer ones have made, see docs/database.md, "When it goes wrong".`,
    );
  }
}

function serverVersion({ engineVersion }: Database): number {
  return Number.parseInt(engineVersion, 10);
}

/**
 * Runs a tool to its end. Returns what it prints.
 *
 * @throws Problem with the tool's own message when it fails.
 */
export async function runTool(
  tool: Tool,
  args: readonly string[],
  { connection, signal }: ToolOptions,
): Promise<string> {
  const env = connection ? libpqEnvironment(connection) : withoutLibpq(process.env);
  const { exitCode, stdout, stderr } = await run(tool, args, { cwd: process.cwd(), env, signal });
  if (exitCode !== 0) {
    throw new Problem(
      `${tool} failed: ${stderr.trim()}`,
      "docs/database.md says what may help.",
      EXIT.failed,
    );
  }
  return stdout;
}

/** Asks the database for one JSON value. */
export async function queryJson<T>(connection: Connection, sql: string, signal: AbortSignal): Promise<T> {
  const args = ["--no-psqlrc", "--no-password", "--quiet", "--tuples-only", "--no-align", "--command", sql];
  return JSON.parse(await runTool("psql", args, { connection, signal })) as T;
}

/**
 * Gives this terminal to psql until it ends, Ctrl-C too: there it ends a query, not the session.
 *
 * @throws Problem when psql ends with another code than 0.
 */
export async function psqlInForeground(
  args: readonly string[],
  cwd: string,
  connection: Connection,
  signal: AbortSignal,
): Promise<void> {
  const { exitCode } = await leaveInterruptsToForeground(() =>
    execa("psql", args, {
      cwd,
      env: libpqEnvironment(connection),
      extendEnv: false,
      stdio: "inherit",
      reject: false,
      cancelSignal: signal,
      forceKillAfterDelay: GRACE_MS,
    } satisfies Options),
  );
  signal.throwIfAborted();
  if (exitCode !== 0) {
    throw new Problem(
      `psql ended with ${exitCode ?? "a signal"}.`,
      "1 is a fatal error of its own, 2 a lost connection, 3 an error in a script.",
      EXIT.failed,
    );
  }
}

function withoutLibpq(source: NodeJS.ProcessEnv): Environment {
  const kept: Environment = {};
  for (const [name, value] of Object.entries(source)) {
    if (value !== undefined && !name.startsWith("PG")) kept[name] = value;
  }
  return kept;
}
