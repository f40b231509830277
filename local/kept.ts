import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { identify, stillRuns, type ProcessIdentity } from "./child-process";
import { stopEmulator, type Emulator } from "./emulator";
import { hasOwner, workspaceOf, type Workspace } from "./workspace";

/** Name of the one workspace that may outlive its command. */
export const KEPT = "kept";

const RECORD = "emulator.json";

/** The emulator of a kept run, as a later command finds it. */
export interface KeptEmulator {
  readonly endpoint: string;
  readonly process: ProcessIdentity;
  readonly container?: Emulator["container"];
}

export type KeptRun =
  | { readonly state: "none" }
  /** Another command is deploying to it. */
  | { readonly state: "starting" }
  | { readonly state: "running"; readonly emulator: KeptEmulator };

/** What there is of a kept run. */
export async function findKeptRun(): Promise<KeptRun> {
  const workspace = workspaceOf(KEPT);
  if (await hasOwner(workspace)) return { state: "starting" };
  const emulator = await readRecord(workspace);
  return emulator && (await stillRuns(emulator.process)) ? { state: "running", emulator } : { state: "none" };
}

/** Notes the emulator of a kept run for later commands. */
export async function recordKeptRun(workspace: Workspace, emulator: Emulator): Promise<void> {
  const identity = await identify(emulator.pid);
  if (!identity) throw new Error("the emulator has ended, so it cannot be kept");
  const record: KeptEmulator = {
    endpoint: emulator.endpoint,
    process: identity,
    ...(emulator.container && { container: emulator.container }),
  };
  await writeFile(join(workspace.directory, RECORD), JSON.stringify(record, null, 2));
}

/** Ends the emulator of a kept run and removes its directory. */
export async function endKeptRun(emulator: KeptEmulator): Promise<void> {
  await stopEmulator({
    pid: emulator.process.pid,
    ...(emulator.container && { container: emulator.container }),
  });
  await workspaceOf(KEPT).remove();
}

async function readRecord(workspace: Workspace): Promise<KeptEmulator | undefined> {
  const text = await readFile(join(workspace.directory, RECORD), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as KeptEmulator);
}
