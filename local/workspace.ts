import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { identify, run, stillRuns, type ProcessIdentity } from "./child-process";
import { cleanEnvironment, type Environment } from "./environment";

/** The project's root directory. */
export const projectRoot = resolve(import.meta.dirname, "..");

/** The one folder, ignored by version control, that everything here writes to. */
export const localDirectory = join(projectRoot, ".local");

const STACK = "time-series-analyzer";
const OWNER_FILE = "owner.json";

/** A directory of one run: the synthesized stack, its state, the log of its emulator. */
export interface Workspace {
  /** `.local/<name>`, absolute. */
  readonly directory: string;
  /** Where cdk.tf.json is, and where Terraform runs. */
  readonly stackDirectory: string;
  /** Deletes the directory. Processes that use it must have ended. */
  remove(): Promise<void>;
}

export interface WorkspaceOptions {
  /**
   * Name of the directory under `.local/`.
   *
   * @default - `run-` and a random part
   */
  readonly name?: string;
  /** Further environment of the synthesis, for example `STATE_BUCKET`. None is inherited. */
  readonly synthEnvironment?: Environment;
  /**
   * Whether the stack is set up for an emulator.
   *
   * @default true
   */
  readonly forEmulator?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a directory and synthesizes the stack into it. Removes it when that fails.
 *
 * @throws with the code `ENOTEMPTY` when a workspace of that name exists.
 */
export async function createWorkspace(options: WorkspaceOptions = {}): Promise<Workspace> {
  const workspace = await createDirectory(options.name ?? `run-${randomBytes(4).toString("hex")}`);
  try {
    await synthesize(workspace, options);
    return workspace;
  } catch (error) {
    await workspace.remove();
    throw error;
  }
}

/** The workspace of that name, whether it exists or not. */
export function workspaceOf(name: string): Workspace {
  const directory = join(localDirectory, name);
  return {
    directory,
    stackDirectory: join(directory, "cdktf.out", "stacks", STACK),
    remove: () => rm(directory, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** Removes the directories whose run was killed before it could do so. */
export async function removeAbandonedWorkspaces(): Promise<void> {
  const names = await readdir(localDirectory).catch(() => []);
  for (const name of names.filter((each) => each.startsWith("run-"))) {
    const workspace = workspaceOf(name);
    if (!(await hasOwner(workspace))) await workspace.remove();
  }
}

/** Whether the process that made a workspace still runs. */
export async function hasOwner(workspace: Workspace): Promise<boolean> {
  const file = join(workspace.directory, OWNER_FILE);
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text !== undefined && stillRuns(JSON.parse(text) as ProcessIdentity);
}

async function createDirectory(name: string): Promise<Workspace> {
  const workspace = workspaceOf(name);
  await mkdir(localDirectory, { recursive: true });
  // Complete from the first moment: a directory without an owner is taken for abandoned.
  const draft = await mkdtemp(join(localDirectory, ".draft-"));
  await writeFile(join(draft, OWNER_FILE), JSON.stringify(await identify(process.pid)));
  try {
    await rename(draft, workspace.directory);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
  return workspace;
}

async function synthesize(workspace: Workspace, options: WorkspaceOptions): Promise<void> {
  const result = await run(process.execPath, ["runner/run.mjs", "main.ts"], {
    cwd: projectRoot,
    env: {
      ...cleanEnvironment(),
      CDKTF_OUTDIR: join(workspace.directory, "cdktf.out"),
      ...options.synthEnvironment,
    },
    signal: options.signal,
  });
  if (result.exitCode !== 0) {
    throw new Error(`the stack could not be synthesized (npm run synth):\n${result.stderr.trim()}`);
  }
  // The app links the user's own values there. A local run must not depend on them.
  await rm(join(workspace.stackDirectory, "terraform.tfvars"), { force: true });
  if (options.forEmulator === false) return;
  // A call that the emulator lacks answers 500, which the provider would retry for minutes.
  await writeFile(
    join(workspace.stackDirectory, "emulator_override.tf.json"),
    JSON.stringify({ provider: { aws: [{ max_retries: 2 }] } }, null, 2),
  );
}
