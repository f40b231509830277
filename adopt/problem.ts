/** What keeps a deployment from being taken over, in words that say what to do. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    message: string,
    /** What the command ends with: 2 when something would be destroyed, otherwise 1. */
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(message);
  }
}

/** Everything that is wrong, at once. Says nothing when nothing is. */
export function assertNoProblems(problems: readonly string[]): void {
  if (problems.length === 1) throw new Problem(problems[0] as string);
  if (problems.length > 1) {
    throw new Problem(`${problems.length} things are in the way:\n\n${problems.join("\n\n")}`);
  }
}
