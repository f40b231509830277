import { Command } from "commander";
import { allCommand } from "./commands/all";
import { compareCommand } from "./commands/compare";
import { renderCommand } from "./commands/render";
import { synthCommand } from "./commands/synth";
import { applyCommand } from "./deployment/apply";
import { planCommand } from "./deployment/plan";

/** The commands of `npm run bench`. */
export function benchProgram(): Command {
  const program = new Command("npm run bench --")
    .description("Measures how long this project takes, side by side with other ways to do the same.")
    .helpCommand(false)
    .addHelpText(
      "after",
      `
Examples:
  npm run bench                         measure everything and write docs/performance.md
  npm run bench -- synth --rounds 3     synthesis alone, to the terminal
  npm run bench -- apply                what the time of a deployment goes to, in an emulator
  npm run bench -- compare origin/main  what your change does to the time of a synthesis

Measure on a machine that does nothing else.

Exit codes:
  0    done
  1    it was tried and failed, or the change is too slow
  2    something is missing or wrong, and nothing was measured
  130  after Ctrl-C`,
    )
    .exitOverride()
    .addCommand(allCommand().exitOverride(), { isDefault: true });

  for (const command of [synthCommand(), planCommand(), applyCommand(), compareCommand(), renderCommand()]) {
    program.addCommand(command.exitOverride());
  }
  return program;
}
