import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./child-process";
import { cleanEnvironment, pick } from "./environment";
import { localDirectory } from "./workspace";

/** The emulator's version, as a Python package and as a container image. */
export const MOTO_VERSION = "5.2.1";
export const MOTO_IMAGE = `motoserver/moto:${MOTO_VERSION}`;
/** The oldest Python that moto accepts. */
export const OLDEST_PYTHON = "3.10";

const VIRTUAL_ENVIRONMENT = join(localDirectory, "python");
const PYTHON_IN_ENVIRONMENT = join("bin", "python");

/** A Python on this machine. */
export interface Python {
  /** The interpreter itself, not a shim in front of it. */
  readonly executable: string;
  /** For example `3.11.7`. */
  readonly version: string;
  /** The version of moto that it can import together with moto's server, or null. */
  readonly moto: string | null;
  /** Whether it can make virtual environments with pip in them. */
  readonly venv: boolean;
}

export type Engine = "docker" | "podman";

/** What there is to run the emulator with. */
export interface Machine {
  readonly pythons: readonly Python[];
  /** Container engines that answer. */
  readonly engines: readonly Engine[];
}

/** How the emulator runs. */
export type Runtime =
  | { readonly kind: "python"; readonly executable: string }
  | { readonly kind: "container"; readonly engine: Engine };

/** How to get a runtime: it is there, or it has to be made first. */
export type RuntimePlan =
  | { readonly kind: "ready"; readonly runtime: Runtime }
  | { readonly kind: "install"; readonly python: Python; readonly otherwise?: Engine };

/** The quickest way to an emulator, or `undefined` when there is none. */
export function planRuntime({ pythons, engines }: Machine): RuntimePlan | undefined {
  const equipped = pythons.find(({ moto }) => moto === MOTO_VERSION);
  if (equipped) return { kind: "ready", runtime: { kind: "python", executable: equipped.executable } };

  const [engine] = engines;
  const python = pythons.find(({ version, venv }) => venv && isRecentEnough(version));
  if (python) return { kind: "install", python, ...(engine && { otherwise: engine }) };

  return engine && { kind: "ready", runtime: { kind: "container", engine } };
}

/** Looks for Pythons (the project's own environment first) and container engines, until one will do as it is. */
export async function inspectMachine(signal?: AbortSignal): Promise<Machine> {
  const cached = join(VIRTUAL_ENVIRONMENT, PYTHON_IN_ENVIRONMENT);
  const candidates = [...(existsSync(cached) ? [cached] : []), "python3", "python"];
  const pythons: Python[] = [];
  for (const name of candidates) {
    const python = await inspectPython(name, signal);
    if (python) pythons.push(python);
    if (planRuntime({ pythons, engines: [] })?.kind === "ready") return { pythons, engines: [] };
  }

  const names: Engine[] = ["docker", "podman"];
  const answers = await Promise.all(
    names.map(async (name) => ((await succeeds(name, ["version"], signal)) ? name : undefined)),
  );
  return { pythons, engines: answers.filter(isDefined) };
}

/**
 * Turns a plan into a runtime. Makes a virtual environment where needed, once: it is kept in `.local/python`.
 *
 * @param onOutput - Called with each line that pip or the container engine prints.
 */
export async function prepareRuntime(
  plan: RuntimePlan,
  { signal, onOutput }: { signal?: AbortSignal | undefined; onOutput?: (line: string) => void } = {},
): Promise<Runtime> {
  if (plan.kind === "ready") {
    if (plan.runtime.kind === "container") await pullImage(plan.runtime.engine, signal, onOutput);
    return plan.runtime;
  }
  try {
    return { kind: "python", executable: await installMoto(plan.python, signal, onOutput) };
  } catch (error) {
    signal?.throwIfAborted();
    if (!plan.otherwise) throw error;
    onOutput?.(`Installing moto failed, using ${plan.otherwise} instead`);
    await pullImage(plan.otherwise, signal, onOutput);
    return { kind: "container", engine: plan.otherwise };
  }
}

const INSPECT = `
import importlib.util as u, json, platform, sys
from importlib import metadata
try:
    import flask, flask_cors
    moto = metadata.version("moto")
except Exception:
    moto = None
venv = u.find_spec("venv") is not None and u.find_spec("ensurepip") is not None
print(json.dumps({"executable": sys.executable, "version": platform.python_version(), "moto": moto, "venv": venv}))
`;

/** Environment in which Python finds what the user's own Python finds. */
export function pythonEnvironment(): Record<string, string> {
  const installers = [
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_CERT",
    "PIP_CONFIG_FILE",
    "REQUESTS_CA_BUNDLE",
  ];
  return {
    ...cleanEnvironment(),
    ...pick(process.env, ["PYTHONPATH", "PYENV_ROOT", "PYENV_VERSION", "VIRTUAL_ENV", ...installers]),
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONUNBUFFERED: "1",
  };
}

async function inspectPython(name: string, signal?: AbortSignal): Promise<Python | undefined> {
  try {
    const { stdout } = await run(name, ["-c", INSPECT], {
      cwd: localRoot(),
      env: pythonEnvironment(),
      signal,
    });
    return JSON.parse(stdout) as Python;
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

async function installMoto(
  python: Python,
  signal?: AbortSignal,
  onLine?: (line: string) => void,
): Promise<string> {
  const options = { cwd: localRoot(), env: pythonEnvironment(), signal, onLine };
  // Made aside and renamed when complete, so that a run never sees half of one.
  const draft = `${VIRTUAL_ENVIRONMENT}-${randomBytes(4).toString("hex")}`;
  await mkdir(localDirectory, { recursive: true });
  try {
    const steps: [string, string[]][] = [
      [python.executable, ["-m", "venv", draft]],
      [
        join(draft, PYTHON_IN_ENVIRONMENT),
        ["-m", "pip", "install", "--disable-pip-version-check", `moto[server]==${MOTO_VERSION}`],
      ],
    ];
    for (const [file, args] of steps) {
      const result = await run(file, args, options);
      if (result.exitCode !== 0) {
        throw new Error(
          `moto ${MOTO_VERSION} could not be installed (${file} ${args.join(" ")}):\n${tail(result.stderr)}\n` +
            "Check the connection to the Python package index, or start docker or podman and try again",
        );
      }
    }
    await rm(VIRTUAL_ENVIRONMENT, { recursive: true, force: true });
    await rename(draft, VIRTUAL_ENVIRONMENT);
    return join(VIRTUAL_ENVIRONMENT, PYTHON_IN_ENVIRONMENT);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function pullImage(
  engine: Engine,
  signal?: AbortSignal,
  onLine?: (line: string) => void,
): Promise<void> {
  if (await succeeds(engine, ["image", "inspect", MOTO_IMAGE], signal)) return;
  const result = await run(engine, ["pull", MOTO_IMAGE], {
    cwd: localRoot(),
    env: cleanEnvironment(),
    signal,
    onLine,
  });
  if (result.exitCode !== 0) throw new Error(`${engine} pull ${MOTO_IMAGE} failed:\n${tail(result.stderr)}`);
}

async function succeeds(file: string, args: readonly string[], signal?: AbortSignal): Promise<boolean> {
  try {
    return (await run(file, args, { cwd: localRoot(), env: cleanEnvironment(), signal })).exitCode === 0;
  } catch {
    signal?.throwIfAborted();
    return false;
  }
}

function isRecentEnough(version: string): boolean {
  return version.localeCompare(OLDEST_PYTHON, "en", { numeric: true }) >= 0;
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}

function tail(text: string): string {
  return text.trim().split("\n").slice(-8).join("\n");
}

function localRoot(): string {
  return import.meta.dirname;
}
