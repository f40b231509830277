import { Command, CommanderError } from "commander";
import { Interruption } from "../local/interruption";
import { EXIT, Problem } from "../ops/problem";
import { allCommand } from "./commands/all";
import { compareCommand } from "./commands/compare";
import { renderCommand } from "./commands/render";
import { synthCommand } from "./commands/synth";

const program = new Command("npm run bench --")
  .description("Measures how long this project takes, side by side with other ways to do the same.")
  .helpCommand(false)
  .addHelpText(
    "after",
    `
Examples:
  npm run bench                         measure everything and write docs/performance.md
  npm run bench -- synth --rounds 3     synthesis alone, to the terminal
  npm run bench -- compare origin/main  what your change does to the time of a synthesis

Measure on a machine that does nothing else.

Exit codes:
  0    done
  1    it was tried and failed, or the change is too slow
  2    something is missing or wrong, and nothing was measured
  130  after Ctrl-C`,
  )
  .exitOverride();

program.addCommand(allCommand().exitOverride(), { isDefault: true });
for (const command of [synthCommand(), compareCommand(), renderCommand()]) {
  program.addCommand(command.exitOverride());
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
  if (!(error instanceof CommanderError)) {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`);
    if (error instanceof Problem) console.error(error.remedy);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof Interruption || error instanceof Problem) return error.exitCode;
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.notTried;
  return EXIT.failed;
}
