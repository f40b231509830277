import { CommanderError } from "commander";
import { exitCodeOf } from "../ops/exit-code";
import { Problem } from "../ops/problem";
import { benchProgram } from "./program";

export const done = main();

async function main(): Promise<void> {
  try {
    await benchProgram().parseAsync();
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    if (!(error instanceof CommanderError)) {
      console.error(`\n${error instanceof Error ? error.message : String(error)}`);
      if (error instanceof Problem) console.error(error.remedy);
    }
  }
}
