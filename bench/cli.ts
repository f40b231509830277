import { CommanderError } from "commander";
import { Interruption } from "../local/interruption";
import { EXIT, Problem } from "../ops/problem";
import { benchProgram } from "./program";

try {
  await benchProgram().parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
  if (!(error instanceof CommanderError)) {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`);
    if (error instanceof Problem) console.error(error.remedy);
  }
}

/** As that of ops/cli.ts, which knows only the project's own copy of commander: this is the benchmark's. */
function exitCodeOf(error: unknown): number {
  if (error instanceof Interruption || error instanceof Problem) return error.exitCode;
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.notTried;
  return EXIT.failed;
}
