import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Problem } from "../problem";
import type { Access } from "./access";
import { messageOf } from "./aws-calls";
import { findDatabase, readPassword, type Database } from "./database";
import { majorVersion, queryJson, refuseTooNew, runTool, type Connection } from "./postgres-client";
import { withTunnel } from "./tunnel";

/** What is in a dump, as `pg_restore --list` tells. */
export interface Archive {
  /** When it was made, as `pg_dump` wrote it. */
  readonly createdAt: string;
  /** The database that it was made of. */
  readonly database: string;
  /** Names with schemas. */
  readonly tables: readonly string[];
  /** The whole text. */
  readonly list: string;
}

export interface Restored {
  readonly file: string;
  readonly database: string;
  readonly tables: readonly string[];
  readonly seconds: number;
}

export interface RestoreOptions {
  /** Absolute. */
  readonly file: string;
  /** Name of the database, given in place of typing it. */
  readonly confirmed?: string | undefined;
  readonly hours: number;
}

/** How many tables a question names. */
const NAMED = 10;

/**
 * Restores a dump into the database: what the dump has is dropped and made again, in one transaction, so that a
 * failure leaves everything as it was.
 *
 * @throws Problem when the file is no dump, pg_restore is too new for the server, or nobody confirmed.
 */
export async function restoreDatabase(access: Access, options: RestoreOptions): Promise<Restored> {
  const { file, confirmed, hours } = options;
  const { signal, step, say } = access;
  const version = await majorVersion("pg_restore", signal);
  const archive = await readArchive(file, signal);
  const database = await findDatabase(access);
  refuseTooNew("pg_restore", version, database);
  const { name } = database;

  say(describeRestore(archive, database, file));
  const answer = confirmed ?? (await ask(`Type the name of the database to overwrite it: `, signal));
  if (answer !== name) {
    throw new Problem(
      `Nothing was done: ${JSON.stringify(answer)} is not the name of the database.`,
      `It is ${name}.`,
    );
  }

  const password = await readPassword(access);
  const seconds = await withTunnel(access, hours, async (tunnel) => {
    const { localPort } = await tunnel.forward(database);
    const connection = { database, localPort, password };
    const start = Date.now();
    await step(`Restoring ${name}: all of it or nothing`, () => restore(connection, archive, file, signal));
    return Math.round((Date.now() - start) / 1000);
  });
  return { file, database: name, tables: archive.tables, seconds };
}

/** Restores what the dump has, but for the extensions that are there. */
async function restore(
  connection: Connection,
  { list }: Archive,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const present = await queryJson<string[]>(connection, "select json_agg(extname) from pg_extension", signal);
  const directory = await mkdtemp(join(tmpdir(), "ops-db-"));
  try {
    const wanted = join(directory, "list");
    await writeFile(wanted, withoutExtensions(list, present));
    const how = ["--no-password", "--clean", "--if-exists", "--no-owner", "--single-transaction"];
    const what = [`--dbname=${connection.database.name}`, `--use-list=${wanted}`, file];
    await runTool("pg_restore", [...how, ...what], { connection, signal });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * A table of contents without these extensions: only their owner may drop them and comment on them, which the
 * master user of a database need not be.
 */
export function withoutExtensions(list: string, extensions: readonly string[]): string {
  return list
    .split("\n")
    .filter((line) => {
      const [, extension] = /^\d+; \d+ \d+ (?:EXTENSION -|COMMENT - EXTENSION) (\S+)/.exec(line) ?? [];
      return extension === undefined || !extensions.includes(extension);
    })
    .join("\n");
}

/** What a restore would do, for whoever has to confirm it. */
export function describeRestore(
  { createdAt, tables, ...archive }: Omit<Archive, "list">,
  database: Database,
  file: string,
): string {
  const more = tables.length - NAMED;
  const names = tables.slice(0, NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
  return [
    `${file} was made on ${createdAt} of the database ${archive.database}.`,
    `These tables of ${database.name} on ${database.host} are dropped, and made again as they were then:`,
    `  ${names || "none"}`,
    "What was written to them since is lost. Tables that the dump does not have stay as they are.",
    "The application waits for these tables until the restore ends.",
    "A snapshot taken now can bring the present state back:",
    `  aws rds create-db-snapshot --db-instance-identifier ${database.identifier} --db-snapshot-identifier ${database.identifier}-before-restore`,
    "",
  ].join("\n");
}

/** Reads the table of contents that `pg_restore --list` prints. */
export function parseArchive(list: string): Archive {
  const field = (name: RegExp) => name.exec(list)?.[1]?.trim() ?? "unknown";
  return {
    list,
    createdAt: field(/^; Archive created at (.+)$/m),
    database: field(/^;\s+dbname: (.+)$/m),
    tables: [...list.matchAll(/^\d+; \d+ \d+ TABLE (?!DATA |ATTACH )(\S+) (.+) \S+$/gm)].map(
      ([, schema, table]) => `${schema}.${table}`,
    ),
  };
}

async function readArchive(file: string, signal: AbortSignal): Promise<Archive> {
  if (!existsSync(file))
    throw new Problem(`There is no file ${file}.`, "Name a dump: npm run ops -- db dump <file>");
  try {
    return parseArchive(await runTool("pg_restore", ["--list", file], { signal }));
  } catch (error) {
    signal.throwIfAborted();
    throw new Problem(
      `${file} cannot be read: ${messageOf(error)}`,
      "It must be a dump in pg_dump's custom format, and pg_restore not older than the pg_dump that made it: docs/database.md.",
    );
  }
}

async function ask(question: string, signal: AbortSignal): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new Problem(
      "Nothing was done: nobody is there to confirm.",
      "Confirm with --yes-restore <database>.",
    );
  }
  process.stderr.write(question);
  // The terminal does the editing. Otherwise Ctrl-C would reach this reader alone.
  const reader = createInterface({ input: process.stdin, terminal: false, signal });
  try {
    for await (const line of reader) return line.trim();
  } finally {
    reader.close();
  }
  signal.throwIfAborted();
  return "";
}
