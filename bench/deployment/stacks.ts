import { copyFile, readFile } from "node:fs/promises";
import path from "node:path";
import { startEmulator, type Emulator } from "../../local/emulator";
import { Terraform } from "../../local/terraform";
import { createWorkspace } from "../../local/workspace";
import { writeOlderStack } from "../../__tests__/helpers/older-stack";

/** Two values that both stacks require. */
export const SECRETS = { db_password: "a-password-for-the-benchmark", api_key: "a-key-for-the-benchmark" };

/** A stack with an emulator of its own: initialized, nothing applied. */
export interface MeasuredStack {
  readonly kind: Kind;
  readonly terraform: Terraform;
  /** How often the emulator was asked since it started. */
  requests(): Promise<number>;
  /** Ends the emulator, and removes everything. */
  remove(): Promise<void>;
}

/** This project's stack, or the one that was written by hand before it. */
export type Kind = "this project" | "the older stack";

/** Makes a stack and starts its emulator. End it with `remove()`, whatever happened to it. */
export async function startStack(kind: Kind, signal: AbortSignal): Promise<MeasuredStack> {
  const workspace = await createWorkspace({ signal });
  let emulator: Emulator | undefined;
  const remove = async () => {
    await emulator?.stop();
    await workspace.remove();
  };
  try {
    const { stackDirectory } = workspace;
    const directory = kind === "this project" ? stackDirectory : await addOlderStack(stackDirectory);
    emulator = await startEmulator({ directory: workspace.directory, signal });
    const { endpoint, logFile } = emulator;
    const terraform = new Terraform({ directory, endpoint, signal });
    await terraform.init();
    return { kind, terraform, remove, requests: async () => countRequests(await readFile(logFile, "utf8")) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The emulator's log has a line for each request: `"POST / HTTP/1.1" 200 -`. */
function countRequests(log: string): number {
  return log.split(' HTTP/1.1" ').length - 1;
}

/** Puts the older stack beside this one, with the same provider and the same way to the emulator. */
async function addOlderStack(stackDirectory: string): Promise<string> {
  const directory = path.join(stackDirectory, "older");
  await writeOlderStack(directory, stackDirectory);
  const override = "emulator_override.tf.json";
  await copyFile(path.join(stackDirectory, override), path.join(directory, override));
  return directory;
}
