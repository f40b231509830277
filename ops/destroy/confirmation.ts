import { createInterface } from "node:readline/promises";
import { Problem } from "../problem";

export interface ConfirmationOptions {
  /** What has to be typed. */
  readonly appName: string;
  /** What `--confirm` was given, where it was. */
  readonly given: string | undefined;
  readonly isTerminal: boolean;
  readonly signal: AbortSignal;
}

/**
 * Returns when somebody has written the name of what is to be destroyed.
 *
 * @throws Problem when it was another one, or nobody can be asked.
 */
export async function confirm({ appName, given, isTerminal, signal }: ConfirmationOptions): Promise<void> {
  if (given === undefined && !isTerminal) {
    throw new Problem(
      "Nobody is there to confirm it, so nothing was done.",
      `Where this is meant, add: --confirm ${appName}`,
    );
  }
  const answer = given ?? (await ask(`Type ${appName} to destroy it: `, signal));
  if (answer.trim() !== appName) {
    throw new Problem(
      `"${answer.trim()}" is not ${appName}, so nothing was done.`,
      "Start again to destroy it.",
    );
  }
}

async function ask(question: string, signal: AbortSignal): Promise<string> {
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  // In a terminal it takes Ctrl-C for itself.
  prompt.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    return await prompt.question(question, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    prompt.close();
  }
}
