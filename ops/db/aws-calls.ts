import { setTimeout as sleep } from "node:timers/promises";
import type { Report } from "../../local/step";
import { credentialsProblem, passesByItself } from "../aws-errors";

/** Milliseconds after which a call counts as lost, with all that the client tries again by itself. */
const LOST_AFTER_MS = 60_000;

/**
 * Asks AWS, until `signal` aborts.
 *
 * @throws the reason of `signal`, a Problem where the credentials are at fault, or what AWS answered.
 */
export async function call<T>(
  signal: AbortSignal,
  request: (options: { readonly abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  try {
    return await request({ abortSignal: AbortSignal.any([signal, AbortSignal.timeout(LOST_AFTER_MS)]) });
  } catch (error) {
    signal.throwIfAborted();
    throw credentialsProblem(error) ?? error;
  }
}

export interface Waiting<T> {
  /** Asks once. `undefined` means: not yet. */
  readonly ask: () => Promise<T | undefined>;
  readonly everySeconds: number;
  readonly forSeconds: number;
  readonly signal: AbortSignal;
  readonly report: Report;
}

/**
 * Asks again and again until there is an answer. A network that drops is waited for, too.
 *
 * @returns `undefined` when the time is over.
 */
export async function waitFor<T>({
  ask,
  everySeconds,
  forSeconds,
  signal,
  report,
}: Waiting<T>): Promise<T | undefined> {
  for (let seconds = 0; seconds <= forSeconds; seconds += everySeconds) {
    if (seconds > 0)
      await sleep(everySeconds * 1000, undefined, { signal }).catch(() => signal.throwIfAborted());
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      signal.throwIfAborted();
      if (!passesByItself(error)) throw error;
      report("AWS does not answer: trying again");
    }
  }
  return undefined;
}

/** Whether AWS answered with that error. */
export function isAwsError(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
