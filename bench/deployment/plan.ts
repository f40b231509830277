import { Command, InvalidArgumentError } from "commander";
import { performance } from "node:perf_hooks";
import { abortOnInterruption } from "../../local/interruption";
import { step } from "../../local/step";
import { comparePlans, type PlanComparison, type PlanSample, planTable } from "./plan-comparison";
import { SECRETS, startStack, type Kind, type MeasuredStack } from "./stacks";

/** How long `terraform plan` takes, for this project and for the older stack. */
export interface PlanResults {
  /** Terraform's version. */
  readonly terraform: string;
  /** Before anything is deployed. */
  readonly first: PlanComparison;
  /** With everything deployed, so that Terraform asks AWS for each resource. */
  readonly deployed: PlanComparison;
}

const KINDS: readonly Kind[] = ["this project", "the older stack"];

/** `bench plan` */
export function planCommand(): Command {
  return new Command("plan")
    .description(
      "Compares terraform plan of this project with that of the stack that was written by hand before it, each\n" +
        "with the same Terraform and provider, and the same kind of emulator. Takes a few minutes.",
    )
    .option("--rounds <n>", "how often each of them is planned", wholeNumber, 7)
    .option("--json", "print one JSON document, for machines")
    .action(async ({ rounds, json }: { rounds: number; json?: boolean }) => {
      const results = await measurePlans({ rounds, signal: abortOnInterruption(), quiet: json === true });
      console.log(json ? JSON.stringify(results, null, 2) : planTable(results));
    });
}

export interface PlanOptions {
  /** How often each stack is planned, in turns. One more round before them is not counted. */
  readonly rounds: number;
  readonly signal: AbortSignal;
  /** Whether to print no progress. */
  readonly quiet: boolean;
}

/** Plans both stacks in turns: first with nothing deployed, then with everything. */
export async function measurePlans({ rounds, signal, quiet }: PlanOptions): Promise<PlanResults> {
  const say = quiet ? <T>(_title: string, work: () => Promise<T>) => work() : step;
  const stacks = new Map<Kind, MeasuredStack>();
  try {
    await say("Start an emulator for each stack", async () => {
      for (const kind of KINDS) stacks.set(kind, await startStack(kind, signal));
    });
    const first = await say("Plan with nothing deployed", () => planInTurns(stacks, rounds));
    await say("Deploy both stacks", () =>
      Promise.all([...stacks.values()].map(({ terraform }) => terraform.apply({ variables: SECRETS }))),
    );
    const deployed = await say("Plan with everything deployed", () => planInTurns(stacks, rounds));
    const [stack] = stacks.values();
    const { stdout = "{}" } = (await stack?.terraform.run(["version", "-json"])) ?? {};
    const { terraform_version = "" } = JSON.parse(stdout) as { terraform_version?: string };
    return { terraform: terraform_version, first, deployed };
  } finally {
    await Promise.all([...stacks.values()].map((stack) => stack.remove()));
  }
}

async function planInTurns(
  stacks: ReadonlyMap<Kind, MeasuredStack>,
  rounds: number,
): Promise<PlanComparison> {
  const samples = new Map<Kind, PlanSample[]>();
  for (let round = 0; round <= rounds; round += 1) {
    for (const [kind, stack] of stacks) {
      const sample = await planOnce(stack);
      // The first round reads files that the next ones find in the memory.
      if (round > 0) samples.set(kind, [...(samples.get(kind) ?? []), sample]);
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

/** A whole number above 0, for commander. */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("It must be a whole number above 0.");
  return Number(text);
}
