import { Listr, ListrLogger, ListrLogLevels, PRESET_TIMER } from "listr2";

/** Says what is going on in a step: replaces the last line in a terminal, adds one to a log. */
export type Report = (line: string) => void;

/** Whether a person watches, so that what is shown may change every second. */
export const isTerminal = process.stdout.isTTY === true;

/** Runs one step of a command: a live line in a terminal, plain lines elsewhere. Returns what it returns. */
export async function step<T>(title: string, work: (report: Report) => Promise<T>): Promise<T> {
  let result: { readonly value: T } | undefined;
  const list = new Listr(
    [
      {
        title,
        task: async (_, task) => {
          result = { value: await work((line) => (task.output = line)) };
        },
      },
    ],
    {
      rendererOptions: { showErrorMessage: false, formatOutput: "truncate", timer: PRESET_TIMER },
      fallbackRendererOptions: { timer: PRESET_TIMER, logger: new ShortFailures({ useIcons: true }) },
      // The command line cleans up first, and decides on the exit code.
      registerSignalListeners: false,
    },
  );
  await list.run();
  if (!result) throw new Error(`the step ${JSON.stringify(title)} did not run`);
  return result.value;
}

/** Leaves the message of a failed step to the command line, which prints it last and in full. */
class ShortFailures extends ListrLogger<ListrLogLevels> {
  override log(...[level, message, options]: Parameters<ListrLogger<ListrLogLevels>["log"]>): void {
    super.log(level, message, level === ListrLogLevels.FAILED ? undefined : options);
  }
}
