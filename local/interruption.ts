import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Somebody asked the command to end. */
export class Interruption extends Error {
  override readonly name = "Interruption";
  /** What a shell expects after this signal, for example 130 after Ctrl-C. */
  readonly exitCode: number;

  constructor(signal: (typeof SIGNALS)[number]) {
    super(`interrupted by ${signal}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** How many programs have the terminal to themselves. */
let foreground = 0;

/**
 * Does `work`, in which a program of the foreground has a use of its own for Ctrl-C. The terminal sends that to
 * both, and it interrupts nothing here. Other signals do.
 */
export async function leaveInterruptsToForeground<T>(work: () => PromiseLike<T>): Promise<T> {
  foreground += 1;
  try {
    return await work();
  } finally {
    foreground -= 1;
  }
}

/**
 * A signal that aborts when this process is asked to end. Asking again changes nothing: it is cleaning up.
 *
 * @param what - What has to end first, for the message.
 */
export function abortOnInterruption(what = "Terraform and the emulator"): AbortSignal {
  const controller = new AbortController();
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (controller.signal.aborted || (signal === "SIGINT" && foreground > 0)) return;
      controller.abort(new Interruption(signal));
      process.stderr.write(`\nInterrupted: ending ${what} …\n`);
    });
  }
  // The reader of a pipe went away, as with `| head`. It must not keep us from cleaning up.
  process.stdout.on("error", (error) => controller.abort(error));
  process.stderr.on("error", (error) => controller.abort(error));
  return controller.signal;
}
