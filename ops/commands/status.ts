import { Command } from "commander";
import { readDeployment } from "../deployment";
import { globalsOf, print } from "../globals";
import { readStatus } from "../status";
import { statusTable } from "../status-table";
import { interruptible } from "../watch";

/** `ops status` */
export function statusCommand(): Command {
  return new Command("status")
    .description("Shows service, deployments, targets, alarms, database and image in one screen.")
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command);
      await interruptible(globals.signal, async () => {
        const status = await readStatus(await readDeployment(globals), globals.signal);
        print(status, statusTable(status), globals);
      });
    });
}
