/**
 * What a command ends with. 0 is success, 130 is Ctrl-C.
 *
 * - `failed`: it was tried and failed, or what was looked for is wrong.
 * - `notTried`: something is missing or wrong before anything was done. Nothing has changed.
 */
export const EXIT = { failed: 1, notTried: 2 } as const;

/** What keeps a command from its end, and what to do about it. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    message: string,
    /** What to do. A sentence, or a command on a line of its own. */
    readonly remedy: string,
    readonly exitCode: (typeof EXIT)[keyof typeof EXIT] = EXIT.notTried,
  ) {
    super(message);
  }
}
