import { Command } from "commander";
import { abortOnInterruption } from "../../local/interruption";
import { step } from "../../local/step";
import { measureApply } from "../deployment/apply";
import { measurePlans } from "../deployment/plan";
import { theseVersions, thisMachine } from "../machine";
import { ensurePackages } from "../packages";
import { PAGE } from "../report/page";
import type { Results } from "../report/results";
import { writeReport, writeResults } from "../report/write";
import { measureSynth } from "../synth/measure-synth";
import { roundsOption } from "./options";

export function allCommand(): Command {
  return new Command("all")
    .description(
      `Measures everything, and writes ${PAGE} with its plot. This is what runs without a command.`,
    )
    .addOption(roundsOption(7))
    .action(async ({ rounds }: { rounds: number }) => {
      const signal = abortOnInterruption("bench");
      await ensurePackages(step, signal);
      const results: Results = {
        date: new Date().toISOString().slice(0, 10),
        machine: thisMachine(),
        versions: await theseVersions(signal),
        synth: await measureSynth({ rounds, step, signal }),
        plan: await measurePlans({ rounds, step, signal }),
        apply: await measureApply({ step, signal }),
      };
      await writeResults(results);
      await writeReport(results, signal);
      console.log(`\nWrote bench/results.json, ${PAGE} and its plot.`);
    });
}
