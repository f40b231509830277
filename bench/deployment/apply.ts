import { Command } from "commander";
import { resolve } from "node:path";
import { abortOnInterruption } from "../../local/interruption";
import { withProgress } from "../../local/progress";
import type { TerraformCommands, Values } from "../../local/terraform";
import { print } from "../../ops/globals";
import { stepFor, type Step } from "../../ops/quiet-step";
import { wholeNumber } from "../commands/options";
import { applyReport } from "./apply-report";
import { analyseApply, type ApplyResults } from "./apply-results";
import { parseGraph } from "./dependency-graph";
import { SECRETS, startStack } from "./stacks";

/** As many changes as Terraform makes side by side unless told otherwise. */
const PARALLELISM = 10;

interface Options {
  readonly parallelism: number;
  readonly varFile: readonly string[];
  readonly json?: boolean;
}

/** `bench apply` */
export function applyCommand(): Command {
  return new Command("apply")
    .description(
      "Deploys the stack into an emulator, and shows what the time of terraform apply went to: which resources " +
        "had to wait for each other, and which waited although they need not have. Takes about two minutes.",
    )
    .option("--parallelism <n>", "how many changes may run side by side", wholeNumber, PARALLELISM)
    .option(
      "--var-file <file>",
      "values of the stack, as with terraform apply -var-file",
      (file: string, previous: readonly string[]) => [...previous, resolve(process.env.INIT_CWD ?? "", file)],
      [],
    )
    .option("--json", "print one JSON document, for machines")
    .addHelpText(
      "after",
      `
The critical path is the longest chain of resources of which each needs the one before, with the time that each
took in this run. No order of the same work is quicker. In an emulator most of that time is the provider's own:
it waits some seconds before it asks whether a resource is there. AWS takes minutes for some of them.

Examples:
  npm run bench -- apply
  npm run bench -- apply --parallelism 30
  npm run bench -- apply --var-file environments/production.tfvars`,
    )
    .action(async ({ parallelism, varFile, json = false }: Options) => {
      const signal = abortOnInterruption("bench apply");
      const step = stepFor({ json });
      const results = await measureApply({ parallelism, varFiles: varFile, step, signal });
      print(results, applyReport(results), { json });
    });
}

export interface ApplyMeasurement {
  /** @default 10 */
  readonly parallelism?: number;
  /** Absolute. */
  readonly varFiles?: readonly string[];
  readonly step: Step;
  readonly signal: AbortSignal;
}

/** Deploys the stack once, and says what the time went to. */
export async function measureApply(options: ApplyMeasurement): Promise<ApplyResults> {
  const { parallelism = PARALLELISM, varFiles = [], step, signal } = options;
  const stack = await step("Start an emulator", () => startStack("this project", signal));
  try {
    const values = { variables: SECRETS, varFiles };
    return await applyMeasured({ terraform: stack.terraform, values, parallelism, step });
  } finally {
    await stack.remove();
  }
}

/** What is applied, and how. */
export interface MeasuredApply {
  /** Initialized, in the directory of the stack. */
  readonly terraform: TerraformCommands;
  readonly values: Values;
  readonly parallelism: number;
  readonly step: Step;
}

/** Plans, applies the plan, and says what the time went to. */
export async function applyMeasured({
  terraform,
  values,
  parallelism,
  step,
}: MeasuredApply): Promise<ApplyResults> {
  const plan = await step("Plan", () => terraform.plan(values));
  // Before the apply: afterwards the plan is stale, and Terraform refuses to read it.
  const { stdout: dot } = await terraform.run(["graph", "-type=apply", `-plan=${plan.file}`]);
  const lines: string[] = [];
  const command = await step("Apply", (report) =>
    withProgress(report, async (onProgress) => {
      const started = Date.now();
      const onLine = (line: string) => lines.push(line);
      await terraform.apply({ ...values, plan, parallelism, onLine, onProgress });
      return { started, ended: Date.now() };
    }),
  );
  return analyseApply({ graph: parseGraph(dot), lines, command, parallelism });
}
