import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa, type Options } from "execa";
import { endGroup } from "./child-process";
import { cleanEnvironment, emulatorCredentials, type Environment } from "./environment";
import {
  inspectMachine,
  MOTO_IMAGE,
  planRuntime,
  prepareRuntime,
  pythonEnvironment,
  type Engine,
  type Runtime,
} from "./emulator-runtime";
import { freePort } from "./free-port";

const LAUNCHER = join(import.meta.dirname, "aws-emulator.py");
/** Imported by the launcher, which therefore needs it beside itself. */
const ENFORCEMENT = join(import.meta.dirname, "iam_enforcement.py");
const PORT_IN_CONTAINER = 5000;
const READY_WITHIN_MS = 90_000;

/** Settings of moto: the managed policies that roles attach, and certificates that become valid at once. */
const SETTINGS = { MOTO_IAM_LOAD_MANAGED_POLICIES: "true", MOTO_ACM_VALIDATION_WAIT: "1" };

/** A running emulator. */
export interface Emulator {
  /** For example `http://127.0.0.1:41234`. */
  readonly endpoint: string;
  /** The process to watch: the emulator's own, or the container engine's client. */
  readonly pid: number;
  /** The container, where there is one. */
  readonly container?: { readonly engine: Engine; readonly name: string };
  /** What the emulator prints. */
  readonly logFile: string;
  /** Ends it, and resolves when it is gone. Harmless when it has ended before. */
  stop(): Promise<void>;
}

export interface EmulatorOptions {
  /** Directory for the log, usually that of a workspace. */
  readonly directory: string;
  /**
   * Whether it goes on when this process ends. Otherwise it ends with this process, even with a killed one.
   *
   * @default false
   */
  readonly detached?: boolean;
  /**
   * @default - the quickest that this machine offers; made first where needed
   */
  readonly runtime?: Runtime;
  /** Further settings of moto, for example how many tasks it says are running: `MOTO_ECS_SERVICE_RUNNING`. */
  readonly settings?: Environment | undefined;
  /** Aborting ends an emulator that is still starting. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts a local AWS on a free port of 127.0.0.1 and waits until it answers.
 *
 * @throws when it ends or does not answer in time, with the last lines of its log.
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { directory, detached = false, signal } = options;
  const runtime = options.runtime ?? (await defaultRuntime(signal));
  signal?.throwIfAborted();

  const logFile = join(directory, "emulator.log");
  const command = await commandFor(runtime, directory, detached, { ...SETTINGS, ...options.settings });
  const log = createWriteStream(logFile);
  await once(log, "open");
  const child = execa(command.file, command.args, {
    cwd: directory,
    env: command.env,
    extendEnv: false,
    // A group of its own: a Ctrl-C in the terminal must not end it while Terraform still talks to it.
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
    // An open file rather than a pipe: it keeps working when this process is gone.
    stdio: [detached ? "ignore" : "pipe", log, log],
  } satisfies Options);
  log.close();
  let exited = false;
  void child.then(() => (exited = true));

  const { pid } = child;
  if (pid === undefined) throw new Error(`the emulator could not be started: ${command.file} does not run`);
  const container = command.container && { engine: command.container.engine, name: command.container.name };
  const stop = () => stopEmulator({ pid, ...(container && { container }) });

  try {
    const deadline = Date.now() + READY_WITHIN_MS;
    for (;;) {
      signal?.throwIfAborted();
      if (exited) throw new Error(`the emulator ended while it was starting:\n${await lastLines(logFile)}`);
      if (Date.now() > deadline) {
        throw new Error(
          `the emulator did not answer within ${READY_WITHIN_MS / 1000} s:\n${await lastLines(logFile)}`,
        );
      }
      const port = await listeningPort(logFile);
      const endpoint = port && `http://127.0.0.1:${command.container?.port ?? port}`;
      if (endpoint && (await answers(endpoint))) {
        if (detached) child.unref();
        return { endpoint, pid, ...(container && { container }), logFile, stop };
      }
      await sleep(100);
    }
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Ends an emulator that this or another process has started. */
export async function stopEmulator({ pid, container }: Pick<Emulator, "pid" | "container">): Promise<void> {
  if (container) await execa(container.engine, ["rm", "--force", container.name], { reject: false });
  await endGroup(pid);
}

interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  readonly container?: { readonly engine: Engine; readonly name: string; readonly port: number };
}

async function commandFor(
  runtime: Runtime,
  directory: string,
  detached: boolean,
  settings: Environment,
): Promise<Command> {
  const lifetime = detached ? [] : ["--stop-on-stdin-eof"];
  if (runtime.kind === "python") {
    return {
      file: runtime.executable,
      args: [LAUNCHER, ...lifetime],
      env: { ...pythonEnvironment(), ...emulatorCredentials("http://127.0.0.1", "us-west-2"), ...settings },
    };
  }
  const port = await freePort();
  const name = `local-aws-${basename(directory)}`;
  return {
    file: runtime.engine,
    args: [
      ...["run", "--rm", "--interactive", "--name", name],
      ...["--publish", `127.0.0.1:${port}:${PORT_IN_CONTAINER}`],
      ...[LAUNCHER, ENFORCEMENT].flatMap((file) => ["--volume", `${file}:/emulator/${basename(file)}:ro`]),
      ...Object.entries(settings).flatMap(([key, value]) => ["--env", `${key}=${value}`]),
      ...["--entrypoint", "python", MOTO_IMAGE],
      ...["/emulator/aws-emulator.py", "--host", "0.0.0.0", "--port", String(PORT_IN_CONTAINER), ...lifetime],
    ],
    env: cleanEnvironment(),
    container: { engine: runtime.engine, name, port },
  };
}

async function defaultRuntime(signal?: AbortSignal): Promise<Runtime> {
  const plan = planRuntime(await inspectMachine(signal));
  if (!plan)
    throw new Error("the emulator needs Python 3.10 or newer, docker or podman: none of them was found");
  return prepareRuntime(plan, { signal });
}

async function listeningPort(logFile: string): Promise<number | undefined> {
  const match = /^emulator listening on .*:(\d+)$/m.exec(await readFile(logFile, "utf8"));
  return match ? Number(match[1]) : undefined;
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    return (await fetch(`${endpoint}/moto-api/`, { signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}

async function lastLines(logFile: string): Promise<string> {
  const lines = (await readFile(logFile, "utf8")).trim().split("\n").slice(-10);
  return lines.map((line) => `  ${line}`).join("\n");
}
