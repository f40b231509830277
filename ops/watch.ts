import { setTimeout as sleep } from "node:timers/promises";
import { credentialsProblem, passesByItself } from "./aws-errors";
import { EXIT, Problem } from "./problem";

/** How something in AWS is watched. */
export interface Watch {
  /** Milliseconds between two looks. */
  readonly intervalMs: number;
  /** Milliseconds after which nobody looks any more. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
}

/**
 * Looks again and again until `look` gives an answer. Where the connection drops, says so and tries again.
 *
 * @returns the answer, or `undefined` when the time is over.
 * @throws the reason of the signal when it aborts.
 */
export async function watch<T>(
  look: () => Promise<T | undefined>,
  { intervalMs, timeoutMs, signal, report }: Watch,
): Promise<T | undefined> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      const answer = await look();
      if (answer !== undefined) return answer;
    } catch (error) {
      signal.throwIfAborted();
      if (!passesByItself(error)) throw error;
      report("connection lost, trying again …");
    }
    if (Date.now() >= deadline) return undefined;
    await sleep(intervalMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** What goes on in AWS whether somebody watches or not. */
export interface Unattended {
  /** What goes on, a sentence: `The rollout goes on in AWS.` */
  readonly state: string;
  /** How to see it again, and how to undo it. */
  readonly remedy: string;
}

/**
 * Runs `work`, which only watches. Says what goes on without it when it is interrupted.
 *
 * @throws Problem when the credentials expire meanwhile.
 */
export async function leaving<T>(
  unattended: Unattended,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) console.error(`\n${unattended.state}\n${unattended.remedy}`);
    if (credentialsProblem(error)) {
      throw new Problem(
        `The AWS credentials have expired. ${unattended.state}`,
        `Log in again. ${unattended.remedy}`,
        EXIT.failed,
      );
    }
    throw error;
  }
}

/** Runs `work`. When the signal has ended it, throws the signal's reason, whatever the SDK made of it. */
export async function interruptible<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
