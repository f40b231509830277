import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { Problem } from "../problem";
import type { Access } from "./access";
import { messageOf } from "./aws-calls";
import { formatBytes } from "./bytes";
import { findDatabase, readPassword } from "./database";
import { checkDumpTool, runTool } from "./postgres-client";
import { withTunnel } from "./tunnel";

export interface Dump {
  readonly file: string;
  readonly bytes: number;
  readonly seconds: number;
  readonly database: string;
}

const REPORT_EVERY_MS = 2000;

/**
 * Dumps the database into a file that only this user can read, in `pg_dump`'s custom format. The file has its
 * name only when it is complete.
 *
 * @param file - Absolute.
 * @throws Problem when the file exists: it may be the only good dump.
 */
export async function dumpDatabase(access: Access, file: string, hours: number): Promise<Dump> {
  refuseExisting(file);
  const database = await findDatabase(access);
  await checkDumpTool(database, access.signal);
  const password = await readPassword(access);

  const draft = `${file}.${randomBytes(4).toString("hex")}.partial`;
  await createPrivate(draft);
  try {
    const seconds = await withTunnel(access, hours, async (tunnel) => {
      const { localPort } = await tunnel.forward(database);
      const start = Date.now();
      await access.step(`Dumping ${database.name}`, async (report) => {
        const showSize = () =>
          sizeOf(draft).then(
            (bytes) => report(formatBytes(bytes)),
            () => undefined,
          );
        const timer = setInterval(() => void showSize(), REPORT_EVERY_MS);
        try {
          await runTool("pg_dump", ["--no-password", "--format=custom", `--file=${draft}`], {
            connection: { database, localPort, password },
            signal: access.signal,
          });
        } finally {
          clearInterval(timer);
        }
      });
      return Math.round((Date.now() - start) / 1000);
    });
    refuseExisting(file);
    await rename(draft, file);
    return { file, bytes: await sizeOf(file), seconds, database: database.name };
  } finally {
    await rm(draft, { force: true });
  }
}

function refuseExisting(file: string): void {
  if (existsSync(file)) {
    throw new Problem(`${file} exists, and is not overwritten.`, "Choose another name, or move it away.");
  }
}

async function createPrivate(file: string): Promise<void> {
  try {
    await (await open(file, "wx", 0o600)).close();
  } catch (error) {
    throw new Problem(
      `${file} cannot be written: ${messageOf(error)}`,
      "Choose a directory that exists and that you may write to.",
    );
  }
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file)).size;
}
