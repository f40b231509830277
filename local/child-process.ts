import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { execa, type Options } from "execa";

/** How a finished process ended. */
export interface Finished {
  /** `undefined` when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  /** The whole environment: nothing is inherited. */
  readonly env: Record<string, string>;
  /** What the process reads from its standard input. Nothing unless given. */
  readonly input?: string | undefined;
  /** Aborting interrupts the process, and kills it with all its children when it takes too long. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds that the process may take to end after it was interrupted.
   *
   * @default 4000
   */
  readonly graceMs?: number | undefined;
  /** Called for every line on standard output. */
  readonly onLine?: ((line: string) => void) | undefined;
}

const GRACE_MS = 4000;

/** Process groups to kill should this process exit before them. */
const running = new Set<number>();
process.on("exit", () => running.forEach((pid) => signalGroup(pid, "SIGKILL")));

/**
 * Runs a program to its end, in a process group of its own.
 *
 * A Ctrl-C in a terminal goes to every process of the foreground group. In its own group the child hears
 * of it from us alone: once, and in the right order with the emulator it talks to.
 *
 * @throws the reason of `signal` when it was aborted. A failing program is not an error here.
 */
export async function run(file: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  options.signal?.throwIfAborted();
  const child = execa(file, args, {
    cwd: options.cwd,
    env: options.env,
    extendEnv: false,
    detached: true,
    reject: false,
    ...(options.input === undefined ? { stdin: "ignore" } : { input: options.input }),
    cancelSignal: options.signal,
    killSignal: "SIGINT",
    forceKillAfterDelay: options.graceMs ?? GRACE_MS,
  } satisfies Options);
  const { pid } = child;
  if (pid !== undefined) running.add(pid);
  try {
    const { onLine } = options;
    if (onLine) for await (const line of child) onLine(line);
    const result = await child;
    options.signal?.throwIfAborted();
    if (pid === undefined)
      throw new Error(`${file} could not be started: ${result.originalMessage ?? "unknown"}`);
    return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
  } finally {
    if (pid !== undefined) {
      // Children that outlive it, such as the plugins of a killed Terraform.
      signalGroup(pid, "SIGKILL");
      running.delete(pid);
    }
  }
}

/** A process, told from another one that got its number later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, as the operating system puts it. */
  readonly started: string;
}

/** The identity of a running process. `undefined` when there is none of that number. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const started = process.platform === "linux" ? await startInProc(pid) : await startFromPs(pid);
  return started ? { pid, started } : undefined;
}

/** Whether that very process still runs. */
export async function stillRuns({ pid, started }: ProcessIdentity): Promise<boolean> {
  return (await identify(pid))?.started === started;
}

/** Ends a process group: politely, then by force. Resolves when its leader is gone. */
export async function endGroup(pid: number): Promise<void> {
  signalGroup(pid, "SIGTERM");
  await gone(pid);
  signalGroup(pid, "SIGKILL");
  await gone(pid);
}

async function gone(pid: number): Promise<void> {
  const end = Date.now() + GRACE_MS;
  while (Date.now() < end && (await identify(pid))) await sleep(50);
}

async function startInProc(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The fields after the name, which is in brackets and may hold spaces: state first, start time 20th.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const hasEnded = fields[0] === "Z"; // Only its parent has not asked for the exit code yet.
  return hasEnded ? undefined : fields[19];
}

async function startFromPs(pid: number): Promise<string> {
  const { stdout } = await execa("ps", ["-o", "lstart=", "-p", String(pid)], { reject: false });
  return stdout.trim();
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nothing of the group is left.
  }
}
