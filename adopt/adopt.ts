import { resolve } from "node:path";
import { step as visibleStep } from "../local/step";
import { checkTerraform } from "../local/requirements";
import { describeDiagnostic, type Diagnostic } from "../local/terraform-events";
import { removeAbandonedWorkspaces } from "../local/workspace";
import { checkValues } from "./check-values";
import { assertFits, inspect } from "./inspection";
import { newPlace, placeSettings } from "./new-place";
import { findOlderProject } from "./older-project";
import { readOlderState } from "./older-state";
import { assertNoProblems } from "./problem";
import type { Result } from "./report";
import { secretsOf, withoutSecrets } from "./secrets";
import { parseState } from "./state";
import { stateForThisProject } from "./state-copy";
import { tfvarsForThisProject } from "./tfvars";
import { createTrial } from "./trial";
import { effective, findVarFile, readValues } from "./values";
import { verdictOn } from "./verdict";
import { planWarnings } from "./warnings";

export interface AdoptOptions {
  /** The older project. */
  readonly directory: string;
  /** Where the user is: relative paths start there. */
  readonly cwd: string;
  readonly workspace?: string | undefined;
  readonly state?: string | undefined;
  readonly varFiles: readonly string[];
  /** Whether to stop after the verdict. */
  readonly dryRun: boolean;
  /** Whether the directory of the trial stays. */
  readonly keep: boolean;
  /** Whether to say nothing on the way. */
  readonly quiet: boolean;
  readonly signal: AbortSignal;
}

/** Reads, checks, tries, and only then writes: what fails on the way has left nothing behind. */
export async function adopt(options: AdoptOptions): Promise<Result> {
  const { cwd, dryRun, keep, signal } = options;
  const step = options.quiet ? quietStep : visibleStep;
  const { env } = process;
  const cleanUps: (() => Promise<void>)[] = [];
  try {
    const { project, source, state, values } = await step("Read the older project", async () => {
      await checkTerraform(signal);
      await removeAbandonedWorkspaces();
      const project = await findOlderProject(resolve(cwd, options.directory), {
        workspace: options.workspace,
        state: options.state && resolve(cwd, options.state),
      });
      const varFiles = options.varFiles.map((file) => findVarFile(file, cwd, project.directory));
      const values = await readValues(project.directory, varFiles, env);
      const source = await readOlderState(project, signal);
      return { project, source, state: parseState(source.text, source.origin), values };
    });

    const trial = await step("Synthesize this project", () => createTrial(keep, signal));
    if (!keep) cleanUps.push(() => trial.remove());
    const { configuration } = trial;

    const { inspection, findings, added, handover, place } = await step(
      "Check state and values",
      async () => {
        const inspection = inspect(state, configuration);
        assertFits(state, inspection, source.origin);
        const findings = await checkValues(values, configuration, state);
        assertNoProblems(findings.problems);

        const isSaid = "enable_frontend_hosting" in effective(values);
        const added: Record<string, unknown> =
          inspection.hasFrontend && !isSaid ? { enable_frontend_hosting: true } : {};
        const handover = {
          state: stateForThisProject(source.text),
          tfvars: tfvarsForThisProject(values, added),
        };
        const place = await newPlace(env, signal);
        cleanUps.push(() => place.remove());
        assertNoProblems(await place.obstacles(handover));
        return { inspection, findings, added, handover, place };
      },
    );

    const secrets = secretsOf(state, effective(values));
    const plan = await step("Plan, without changing anything", () => hiding(secrets, trial.plan(handover)));
    const verdict = verdictOn(plan.json, new Set(state.instances.map(({ address }) => address)));
    const isToBeWritten = verdict.good && !dryRun;
    const written = isToBeWritten
      ? await step("Write state and values", () => hiding(secrets, place.fill(handover)))
      : [];

    return {
      verdict,
      state: {
        origin: source.origin,
        workspace: project.workspace,
        otherWorkspaces: project.otherWorkspaces,
        terraformVersion: state.terraformVersion,
        lineage: state.lineage,
        serial: state.serial,
        resources: state.instances.length,
        missing: inspection.missing,
      },
      values: {
        files: values.files.map(({ file }) => file),
        fromEnvironment: Object.keys(values.environment).filter((name) => name in configuration.variables),
        added: Object.entries(added).map(([name, value]) => `${name} = ${JSON.stringify(value)}`),
      },
      warnings: [
        ...findings.warnings,
        ...planWarnings(plan.json),
        ...terraformWarnings(plan.diagnostics, secrets),
        ...environmentWarnings(env),
      ],
      written,
      next: nextCommands(verdict.good, dryRun, env),
      ...(keep && { kept: trial.stackDirectory }),
    };
  } finally {
    for (const cleanUp of cleanUps) await cleanUp();
  }
}

function nextCommands(good: boolean, dryRun: boolean, environment: NodeJS.ProcessEnv): string[] {
  if (!good) return ["change the values or the older project as said above, and run this command again"];
  if (dryRun) return ["the same command without --dry-run"];
  const settings = Object.entries(placeSettings(environment)).map(([name, value]) => `${name}=${value} `);
  return [
    ...(environment.TF_WORKSPACE ? ["unset TF_WORKSPACE"] : []),
    `${settings.join("")}npx cdktf deploy`,
  ];
}

/** Those of Terraform itself. What this command says better is left out. */
function terraformWarnings(diagnostics: readonly Diagnostic[], secrets: readonly string[]): string[] {
  const known = ["Value for undeclared variable", "Values for undeclared variables"];
  return diagnostics
    .filter(({ summary }) => !known.includes(summary) && !summary.startsWith("Some objects will no longer"))
    .map((diagnostic) => withoutSecrets(describeDiagnostic(diagnostic), secrets).replaceAll("\n", "\n  "));
}

function environmentWarnings({ AWS_ENDPOINT_URL }: NodeJS.ProcessEnv): string[] {
  return AWS_ENDPOINT_URL
    ? [`AWS_ENDPOINT_URL is set: this was asked of ${AWS_ENDPOINT_URL}, not of AWS`]
    : [];
}

/** Takes the secrets out of a message of Terraform, should it quote one. */
async function hiding<T>(secrets: readonly string[], work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error) error.message = withoutSecrets(error.message, secrets);
    throw error;
  }
}

async function quietStep<T>(_: string, work: () => Promise<T>): Promise<T> {
  return work();
}
