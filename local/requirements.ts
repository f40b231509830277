import { run } from "./child-process";
import { cleanEnvironment } from "./environment";
import {
  inspectMachine,
  OLDEST_PYTHON,
  planRuntime,
  type Machine,
  type RuntimePlan,
} from "./emulator-runtime";
import { projectRoot } from "./workspace";

/** Write-only arguments and validations across variables need it. */
const OLDEST_TERRAFORM = "1.11";

/** What was found on this machine. */
export interface Findings {
  /** Terraform's version, or null when it does not run. */
  readonly terraform: string | null;
  readonly machine: Machine;
}

/** Everything that is missing and how to get it, at once. */
export class MissingRequirementsError extends Error {
  override readonly name = "MissingRequirementsError";

  constructor(readonly missing: readonly string[]) {
    const title = missing.length === 1 ? "One thing is missing" : `${missing.length} things are missing`;
    super(`${title} on this machine:\n\n${missing.join("\n\n")}`);
  }
}

/** Looks for what a local run needs. */
export async function inspect(signal?: AbortSignal): Promise<Findings> {
  const [terraform, machine] = await Promise.all([terraformVersion(signal), inspectMachine(signal)]);
  return { terraform, machine };
}

/**
 * Decides whether a local run can start, and how its emulator will run.
 *
 * @throws MissingRequirementsError
 */
export function checkRequirements({ terraform, machine }: Findings): RuntimePlan {
  const missing = missingTerraform(terraform);
  const runtime = planRuntime(machine);
  if (!runtime) {
    missing.push(
      `- Python ${OLDEST_PYTHON} or newer, docker or podman, to run the AWS emulator with (found: ${describePythons(machine)})\n` +
        "    Python: https://www.python.org/downloads/ (Debian and Ubuntu: apt install python3 python3-venv)\n" +
        "    docker: https://docs.docker.com/get-started/get-docker/ (it has to be running)\n" +
        "    podman: https://podman.io/docs/installation",
    );
  }
  if (!runtime || missing.length > 0) throw new MissingRequirementsError(missing);
  return runtime;
}

/**
 * Decides whether Terraform can run this stack.
 *
 * @returns its version
 * @throws MissingRequirementsError
 */
export async function checkTerraform(signal?: AbortSignal): Promise<string> {
  const version = await terraformVersion(signal);
  const missing = missingTerraform(version);
  if (version === null || missing.length > 0) throw new MissingRequirementsError(missing);
  return version;
}

function missingTerraform(terraform: string | null): string[] {
  if (terraform !== null && compareVersions(terraform, OLDEST_TERRAFORM) >= 0) return [];
  return [
    `- Terraform ${OLDEST_TERRAFORM} or newer (found: ${terraform ?? "none on the PATH"})\n` +
      "    macOS:  brew install hashicorp/tap/terraform\n" +
      "    others: https://developer.hashicorp.com/terraform/install",
  ];
}

function describePythons({ pythons }: Machine): string {
  const found = pythons.map(
    ({ version, venv }) => `Python ${version}${venv ? "" : " without the venv module"}`,
  );
  return [...new Set(found)].join(", ") || "none of them";
}

function compareVersions(version: string, other: string): number {
  return version.localeCompare(other, "en", { numeric: true });
}

async function terraformVersion(signal?: AbortSignal): Promise<string | null> {
  const env = { ...cleanEnvironment(), CHECKPOINT_DISABLE: "1" };
  try {
    const { stdout } = await run("terraform", ["version", "-json"], { cwd: projectRoot, env, signal });
    return (JSON.parse(stdout) as { terraform_version: string }).terraform_version;
  } catch {
    signal?.throwIfAborted();
    return null;
  }
}
