import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { hclParser } from "../check/hcl";
import { Problem } from "./problem";

/** Where the state of the older project is. */
export type StateSource =
  | { readonly kind: "file"; readonly file: string }
  /** Only the project's own Terraform settings can reach it. */
  | { readonly kind: "remote"; readonly backend: string };

/** The older project, as far as its files tell. */
export interface OlderProject {
  /** Where Terraform ran. */
  readonly directory: string;
  readonly source: StateSource;
  /** The workspace to adopt. `default` where nobody uses workspaces. */
  readonly workspace: string;
  /** The same, when it is not the one that is selected in the directory. */
  readonly askedWorkspace?: string | undefined;
  /** Other workspaces with a state in a file. */
  readonly otherWorkspaces: readonly string[];
}

interface Backend {
  readonly type: string;
  readonly config?: { readonly path?: string | null; readonly workspace_dir?: string | null };
}

export interface OlderProjectOptions {
  /** @default - the one that is selected in the directory */
  readonly workspace?: string | undefined;
  /** A state file, in place of the project's own. */
  readonly state?: string | undefined;
}

/**
 * Finds where the older project keeps its state. Runs nothing.
 *
 * @param given - The project's directory, or the one above its `infrastructure/`.
 * @throws Problem
 */
export async function findOlderProject(
  given: string,
  { workspace: askedWorkspace, state }: OlderProjectOptions,
): Promise<OlderProject> {
  const directory = await findDirectory(given);
  const workspace = askedWorkspace ?? (await selectedWorkspace(directory));
  if (state) {
    if (!existsSync(state)) throw new Problem(`--state must name a file, but there is no ${state}`);
    return { directory, source: { kind: "file", file: state }, workspace, otherWorkspaces: [] };
  }

  const initialized = await initializedBackend(directory);
  const configured = await configuredBackend(directory);
  if (!initialized && configured && configured !== "local") {
    throw new Problem(
      `${directory} keeps its state in a backend (${configured}) but is not initialized: ` +
        'run "terraform init" there first, with the credentials and -backend-config of that project',
    );
  }
  if (initialized && initialized.type !== "local") {
    const source = { kind: "remote", backend: initialized.type } as const;
    return { directory, source, workspace, askedWorkspace, otherWorkspaces: [] };
  }

  const { path, workspace_dir } = initialized?.config ?? {};
  const workspacesDirectory = resolve(directory, workspace_dir ?? "terraform.tfstate.d");
  const fileOf = (name: string) =>
    name === "default"
      ? resolve(directory, path ?? "terraform.tfstate")
      : join(workspacesDirectory, name, "terraform.tfstate");
  const names = ["default", ...(await readdir(workspacesDirectory).catch(() => []))];
  const existing = names.filter((name) => existsSync(fileOf(name)));
  const file = fileOf(workspace);
  if (!existing.includes(workspace)) throw new Problem(describeMissing(file, workspace, existing));
  const otherWorkspaces = existing.filter((name) => name !== workspace);
  return { directory, source: { kind: "file", file }, workspace, otherWorkspaces };
}

async function findDirectory(given: string): Promise<string> {
  const candidates = [given, join(given, "infrastructure")];
  for (const directory of candidates) {
    const names = await readdir(directory).catch(() => []);
    if (names.some((name) => /^(terraform\.tfstate(\.d)?|\.terraform)$|\.tf(\.json)?$/.test(name))) {
      return directory;
    }
  }
  throw new Problem(
    `${given} must be the directory of the older Terraform project, but there is neither a state nor a *.tf file in it or in its infrastructure/`,
  );
}

async function selectedWorkspace(directory: string): Promise<string> {
  const selected = await readFile(join(directory, ".terraform", "environment"), "utf8").catch(() => "");
  return selected.trim() || "default";
}

/** What `terraform init` wrote down about the backend. */
async function initializedBackend(directory: string): Promise<Backend | undefined> {
  const text = await readFile(join(directory, ".terraform", "terraform.tfstate"), "utf8").catch(() => "{}");
  return (JSON.parse(text) as { backend?: Backend }).backend;
}

/** The backend that the project's files ask for. */
async function configuredBackend(directory: string): Promise<string | undefined> {
  const names = (await readdir(directory)).filter((name) => /\.tf(\.json)?$/.test(name));
  for (const name of names) {
    const text = await readFile(join(directory, name), "utf8");
    const blocks = await terraformBlocks(name, text);
    for (const { backend, cloud } of blocks) {
      if (cloud) return "cloud";
      const [type] = Object.keys(backend ?? {});
      if (type) return type;
    }
  }
  return undefined;
}

interface TerraformBlock {
  readonly backend?: Readonly<Record<string, unknown>>;
  readonly cloud?: unknown;
}

async function terraformBlocks(name: string, text: string): Promise<TerraformBlock[]> {
  try {
    const file = name.endsWith(".json") ? JSON.parse(text) : await (await hclParser()).parse(name, text);
    return [(file as { terraform?: TerraformBlock | TerraformBlock[] }).terraform ?? []].flat();
  } catch {
    return []; // Not ours to complain about.
  }
}

function describeMissing(file: string, workspace: string, existing: readonly string[]): string {
  if (existing.length === 0) {
    return `there is no state at ${file}: name the directory where "terraform apply" ran, or the file with --state`;
  }
  return (
    `the workspace ${JSON.stringify(workspace)} has no state at ${file}, but these have one: ${existing.join(", ")}. ` +
    "Choose with --workspace"
  );
}
