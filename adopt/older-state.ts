import { readFile } from "node:fs/promises";
import { TerraformError } from "../local/terraform";
import type { OlderProject } from "./older-project";
import { Problem } from "./problem";
import { isAbsent } from "./state";
import { UserTerraform } from "../local/user-terraform";

/** The state as text, and where it is from in words. */
export interface StateText {
  readonly text: string;
  readonly origin: string;
}

/**
 * Reads the state of the older project: the file, or through the project's own backend.
 *
 * @throws Problem
 */
export async function readOlderState(project: OlderProject, signal: AbortSignal): Promise<StateText> {
  const { directory, source, workspace } = project;
  if (source.kind === "file") return { text: await readFile(source.file, "utf8"), origin: source.file };

  const pulled = await pull(project, signal);
  const origin = `the state in the backend (${source.backend}) of ${directory}`;
  if (isAbsent(pulled)) {
    throw new Problem(
      `${origin} is empty in the workspace ${JSON.stringify(workspace)}: choose another with --workspace`,
    );
  }
  return { text: pulled.endsWith("\n") ? pulled : `${pulled}\n`, origin };
}

async function pull({ directory, askedWorkspace }: OlderProject, signal: AbortSignal): Promise<string> {
  const terraform = new UserTerraform({ directory, workspace: askedWorkspace, signal });
  try {
    return (await terraform.run(["state", "pull"])).stdout;
  } catch (error) {
    if (!(error instanceof TerraformError)) throw error;
    throw new Problem(
      `"terraform state pull" in ${directory} failed. If it asks for an initialization, or for another version of\n` +
        `Terraform: run it there yourself, write the state to a file, and name that with --state.\n\n${error.message}`,
    );
  }
}
