import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plan } from "../local/terraform";
import { createWorkspace, workspaceOf, type Workspace } from "../local/workspace";
import { readConfiguration, type Configuration } from "./configuration";
import type { PlanFile } from "./plan";
import { UserTerraform } from "../local/user-terraform";

/** Name of a trial that is kept. */
const KEPT = "adopt";

export const STATE_FILE = "terraform.time-series-analyzer.tfstate";
export const VALUES_FILE = "terraform.tfvars";

/** This project in a directory of its own under `.local/`, where a takeover can be planned. */
export interface Trial {
  readonly configuration: Configuration;
  readonly stackDirectory: string;
  /** Plans over a state. Nothing in AWS changes. */
  plan(files: { readonly state: string; readonly tfvars: string | undefined }): Promise<TrialPlan>;
  remove(): Promise<void>;
}

export interface TrialPlan {
  readonly json: PlanFile;
  readonly diagnostics: Plan["diagnostics"];
}

/**
 * Synthesizes this project for a trial, with the state in a file.
 *
 * @param keep - Whether it may stay after the command.
 */
export async function createTrial(keep: boolean, signal: AbortSignal): Promise<Trial> {
  if (keep) await workspaceOf(KEPT).remove();
  const workspace = await createWorkspace({ ...(keep && { name: KEPT }), forEmulator: false, signal });
  const { stackDirectory } = workspace;
  return {
    configuration: await readConfiguration(stackDirectory),
    stackDirectory,
    plan: async (files) => {
      await writeFile(join(workspace.directory, STATE_FILE), files.state, { mode: 0o600 });
      // Terraform reads it there by itself.
      if (files.tfvars !== undefined) {
        await writeFile(join(stackDirectory, VALUES_FILE), files.tfvars, { mode: 0o600 });
      }
      return plan(workspace, signal);
    },
    remove: () => workspace.remove(),
  };
}

async function plan({ stackDirectory: directory }: Workspace, signal: AbortSignal): Promise<TrialPlan> {
  const terraform = new UserTerraform({ directory, signal });
  await terraform.init();
  const plan = await terraform.plan();
  return { json: (await terraform.show(plan)) as PlanFile, diagnostics: plan.diagnostics };
}
