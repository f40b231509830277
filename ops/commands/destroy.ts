import { Command } from "commander";
import { isTerminal } from "../../local/step";
import { confirm } from "../destroy/confirmation";
import { destroy } from "../destroy/destroy";
import { describeDestroyed, describeInventory } from "../destroy/report";
import { globalsOf, print } from "../globals";
import { EXIT } from "../problem";

interface Flags {
  readonly removeProtection?: boolean;
  readonly skipFinalSnapshot?: boolean;
  readonly confirm?: string;
}

/** `ops destroy` */
export function destroyCommand(): Command {
  return new Command("destroy")
    .description(
      "Destroys the deployment with its database: says first what will be lost and what stays, asks for\n" +
        "the name, and afterwards asks AWS whether anything is left that bills.\n" +
        "Values in terraform.tfvars stay as they are.",
    )
    .option(
      "--remove-protection",
      "take off what keeps database, load balancer, images and files from being deleted",
    )
    .option("--skip-final-snapshot", "delete the database without a last snapshot of it")
    .option("--confirm <app_name>", "confirm without being asked, where there is no terminal")
    .addHelpText(
      "after",
      `
Exit codes:
  0  everything is destroyed, and nothing is left that should be gone
  1  it failed on the way, or something is left or could not be asked for; run it again to go on
  2  nothing was done
  130  after Ctrl-C; it says how far it came`,
    )
    .action(async (flags: Flags, command: Command) => {
      const globals = globalsOf(command);
      const result = await destroy({
        ...globals,
        removeProtection: flags.removeProtection ?? false,
        skipFinalSnapshot: flags.skipFinalSnapshot ?? false,
        confirm: async (target, inventory) => {
          if (!globals.json) console.log(describeInventory(target, inventory));
          await confirm({
            appName: target.appName,
            given: flags.confirm,
            isTerminal: isTerminal && process.stdin.isTTY && !globals.json,
            signal: globals.signal,
          });
        },
      });
      if (result.remains.leftovers.length > 0) process.exitCode = EXIT.failed;
      print(result, `\n${describeDestroyed(result)}`, globals);
    });
}
