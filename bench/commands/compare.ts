import { Command } from "commander";
import { abortOnInterruption } from "../../local/interruption";
import { print } from "../../ops/globals";
import { EXIT } from "../../ops/problem";
import { stepFor } from "../../ops/quiet-step";
import { compareWith } from "../compare/compare";
import { inWords } from "../compare/verdict";
import { wholeNumber } from "./options";

export function compareCommand(): Command {
  return new Command("compare")
    .description(
      "Says what the working tree does to the time of a synthesis: synthesizes it and the commit that it " +
        "branched off from in turn, and fails when it takes more than 15 % longer.",
    )
    .argument("<ref>", "a branch or commit, for example origin/main")
    .option("--pairs <number>", "how often both are measured", wholeNumber, 30)
    .option("--json", "print one JSON document, for machines")
    .action(async (ref: string, { pairs, json = false }: { pairs: number; json?: boolean }) => {
      const signal = abortOnInterruption("bench compare");
      const verdict = await compareWith(ref, { pairs, step: stepFor({ json }), signal });
      print(verdict, `\n${inWords(verdict)}`, { json });
      if (verdict.kind === "compared" && verdict.isTooSlow) process.exitCode = EXIT.failed;
    });
}
