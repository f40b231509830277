import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { startEmulator } from "./emulator";
import { prepareRuntime } from "./emulator-runtime";
import { pick } from "./environment";
import { finishedRunGuide, keptRunGuide } from "./guide";
import { findKeptRun, KEPT, recordKeptRun } from "./kept";
import { outputsTable } from "./outputs-table";
import { withProgress } from "./progress";
import { checkRequirements, inspect } from "./requirements";
import { step } from "./step";
import { Terraform, type Output } from "./terraform";
import { createWorkspace, projectRoot, removeAbandonedWorkspaces, workspaceOf } from "./workspace";

const EXAMPLE_VALUES = join(projectRoot, "terraform.tfvars.example");

/** What the AWS CLI, the SDKs and Terraform need to find the emulator. */
const EXPORTED = [
  "AWS_ENDPOINT_URL",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_EC2_METADATA_DISABLED",
  "TF_CLI_CONFIG_FILE",
];

export interface UpOptions {
  /** Whether the emulator goes on after the command. */
  readonly keep: boolean;
  /** Aborting stops the deployment, and cleans up. */
  readonly signal: AbortSignal;
}

/** Deploys the stack with the example's values into an emulator of its own, and shows the outputs. */
export async function up({ keep, signal }: UpOptions): Promise<void> {
  if (keep) await makeRoomForKeptRun();
  await removeAbandonedWorkspaces();

  const cleanUps: (() => Promise<void>)[] = [];
  try {
    const plan = await step("Look for Terraform, and for what runs the emulator", async () =>
      checkRequirements(await inspect(signal)),
    );
    const workspace = await step("Synthesize the stack", () =>
      createWorkspace({ ...(keep && { name: KEPT }), signal }),
    );
    cleanUps.unshift(() => workspace.remove());

    const emulator = await step("Start the AWS emulator", async (report) => {
      const runtime = await prepareRuntime(plan, { signal, onOutput: report });
      return startEmulator({ directory: workspace.directory, detached: keep, runtime, signal });
    });
    cleanUps.unshift(() => emulator.stop());
    // Noted at once, so that local:down finds it even when this command is killed before it can clean up.
    if (keep) await recordKeptRun(workspace, emulator);

    const terraform = new Terraform({
      directory: workspace.stackDirectory,
      endpoint: emulator.endpoint,
      signal,
    });
    await step("Initialize Terraform", () => terraform.init());
    await step("Deploy the stack with the values of terraform.tfvars.example", (report) =>
      withProgress(report, (onProgress) => terraform.apply({ varFiles: [EXAMPLE_VALUES], onProgress })),
    );
    const outputs = await terraform.outputs();
    console.log(`\n${outputsTable(outputs)}\n`);

    if (keep) {
      // Plain terraform commands in that directory then have their values too.
      await copyFile(EXAMPLE_VALUES, join(workspace.stackDirectory, "terraform.tfvars"));
      signal.throwIfAborted();
      cleanUps.length = 0;
      console.log(keptRunGuide(workspace.stackDirectory, exportsFor(terraform, outputs)));
    }
  } finally {
    for (const cleanUp of cleanUps) await cleanUp();
  }
  if (!keep) console.log(finishedRunGuide());
}

async function makeRoomForKeptRun(): Promise<void> {
  const kept = await findKeptRun();
  if (kept.state === "running") {
    throw new Error(
      `an emulator is kept already, at ${kept.emulator.endpoint}: use it, or end it with "npm run local:down" first`,
    );
  }
  if (kept.state === "starting") {
    throw new Error('another "npm run local -- --keep" is deploying: wait for it, or end it with Ctrl-C');
  }
  // What a kept run leaves behind when the machine goes down.
  await workspaceOf(KEPT).remove();
}

function exportsFor(terraform: Terraform, outputs: Record<string, Output>): Record<string, string> {
  const region = outputs.aws_region?.value;
  return {
    ...pick(terraform.environment, EXPORTED),
    ...(typeof region === "string" && { AWS_REGION: region, AWS_DEFAULT_REGION: region }),
  };
}
