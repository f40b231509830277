import { Argument, Command } from "commander";
import { readDeployment } from "../deployment";
import { globalsOf, print } from "../globals";

/** What can be opened, and the output that holds its address. */
const PLACES = {
  application: "application_url",
  health: "health_check_url",
  dashboard: "dashboard_url",
} as const;

type Place = keyof typeof PLACES;

/** `ops open` */
export function openCommand(): Command {
  return new Command("open")
    .description("Opens the application, its health check or the dashboard in the browser.")
    .addArgument(new Argument("[place]").choices(Object.keys(PLACES)).default("application"))
    .option("--print", "only print the address")
    .action(async (place: Place, options: { print?: boolean }, command: Command) => {
      const globals = globalsOf(command);
      const url = (await readDeployment(globals)).text(PLACES[place]);
      print({ url }, url, globals);
      if (options.print || globals.json) return;
      // A default export, which a program of the runner gets from import() only (decision 19).
      const { default: openInBrowser } = await import("open");
      await openInBrowser(url);
    });
}
