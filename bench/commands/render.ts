import { Command } from "commander";
import { abortOnInterruption } from "../../local/interruption";
import { step } from "../../local/step";
import { ensurePackages } from "../packages";
import { PAGE } from "../report/page";
import { readResults, writeReport } from "../report/write";

export function renderCommand(): Command {
  return new Command("render")
    .description(`Writes ${PAGE} and its plot anew from bench/results.json, without measuring.`)
    .action(async () => {
      const signal = abortOnInterruption("bench render");
      await ensurePackages(step, signal);
      await writeReport(await readResults(), signal);
    });
}
