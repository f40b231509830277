import { Command } from "commander";
import { performance } from "node:perf_hooks";
import { abortOnInterruption } from "../../local/interruption";
import { print } from "../../ops/globals";
import { stepFor, type Step } from "../../ops/quiet-step";
import { roundsOption } from "../commands/options";
import {
  comparePlans,
  type PlanComparison,
  type PlanResults,
  type PlanSample,
  planTable,
} from "./plan-comparison";
import { SECRETS, startStack, type Kind, type MeasuredStack } from "./stacks";

const KINDS: readonly Kind[] = ["this project", "the older stack"];

/** `bench plan` */
export function planCommand(): Command {
  return new Command("plan")
    .description(
      "Compares terraform plan of this project with that of the stack that was written by hand before it, each " +
        "with the same Terraform and provider, and the same kind of emulator. Takes a few minutes.",
    )
    .addOption(roundsOption(7))
    .option("--json", "print one JSON document, for machines")
    .action(async ({ rounds, json = false }: { rounds: number; json?: boolean }) => {
      const signal = abortOnInterruption("bench plan");
      const results = await measurePlans({ rounds, step: stepFor({ json }), signal });
      print(results, planTable(results), { json });
    });
}

export interface PlanOptions {
  /** How often each stack is planned, in turns. One more round before them is not counted. */
  readonly rounds: number;
  readonly step: Step;
  readonly signal: AbortSignal;
}

/** Plans both stacks in turns: first with nothing deployed, then with everything. */
export async function measurePlans({ rounds, step, signal }: PlanOptions): Promise<PlanResults> {
  const stacks: MeasuredStack[] = [];
  try {
    await step("Start an emulator for each stack", async () => {
      for (const kind of KINDS) stacks.push(await startStack(kind, signal));
    });
    const first = await step("Plan with nothing deployed", () => planInTurns(stacks, rounds));
    await step("Deploy both stacks", () => deployAll(stacks));
    const deployed = await step("Plan with everything deployed", () => planInTurns(stacks, rounds));
    return { first, deployed };
  } finally {
    await Promise.all(stacks.map((stack) => stack.remove()));
  }
}

/** Waits for all of them, even when one fails: an emulator must not end before the Terraform that uses it. */
async function deployAll(stacks: readonly MeasuredStack[]): Promise<void> {
  const deployments = await Promise.allSettled(
    stacks.map(({ terraform }) => terraform.apply({ variables: SECRETS })),
  );
  for (const deployment of deployments) {
    if (deployment.status === "rejected") throw deployment.reason;
  }
}

async function planInTurns(stacks: readonly MeasuredStack[], rounds: number): Promise<PlanComparison> {
  const samples = new Map<Kind, PlanSample[]>();
  for (let round = 0; round <= rounds; round += 1) {
    for (const stack of stacks) {
      const sample = await planOnce(stack);
      // The first round reads files that the next ones find in the memory.
      if (round > 0) samples.set(stack.kind, [...(samples.get(stack.kind) ?? []), sample]);
    }
  }
  return comparePlans(samples);
}

async function planOnce({ terraform, requests }: MeasuredStack): Promise<PlanSample> {
  const file = "measured.tfplan";
  const requestsBefore = await requests();
  const start = performance.now();
  await terraform.run(["plan", `-out=${file}`], { variables: SECRETS });
  const seconds = (performance.now() - start) / 1000;
  const requestsMade = (await requests()) - requestsBefore;
  const { stdout } = await terraform.run(["show", "-json", file]);
  const { resource_changes: changes } = JSON.parse(stdout) as { resource_changes: { mode: string }[] };
  return {
    seconds,
    requests: requestsMade,
    resources: changes.filter(({ mode }) => mode === "managed").length,
  };
}
