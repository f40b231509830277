import { Command } from "commander";
import { format } from "prettier";
import { abortOnInterruption } from "../../local/interruption";
import { print } from "../../ops/globals";
import { stepFor } from "../../ops/quiet-step";
import { ensurePackages } from "../packages";
import { comparisonTable } from "../report/comparison-table";
import { SYNTH_NAMES } from "../report/synth-section";
import { measureSynth } from "../synth/measure-synth";
import { roundsOption } from "./options";

export function synthCommand(): Command {
  return new Command("synth")
    .description(
      "Measures synthesis: this project, CDKTF's usual template with the same stack, and AWS CDK. Writes nothing.",
    )
    .addOption(roundsOption(5))
    .option("--json", "print one JSON document, for machines")
    .action(async ({ rounds, json = false }: { rounds: number; json?: boolean }) => {
      const signal = abortOnInterruption("bench synth");
      const step = stepFor({ json });
      await ensurePackages(step, signal);
      const comparison = await measureSynth({ rounds, step, signal });
      const table = comparisonTable(comparison, SYNTH_NAMES, "project");
      print(comparison, `\n${await format(table, { parser: "markdown" })}`, { json });
    });
}
