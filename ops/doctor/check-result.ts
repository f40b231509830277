/** What one check found. */
export interface CheckResult {
  /** What was looked at, in a word or two. */
  readonly name: string;
  /**
   * - `ok`: as it must be.
   * - `warning`: works, or will only be missed later.
   * - `problem`: a deployment will fail, or runs into something. The command ends with 1.
   * - `skipped`: could not be looked at, or does not matter here.
   */
  readonly status: "ok" | "warning" | "problem" | "skipped";
  /** What was found. Whole sentences, never a secret. */
  readonly detail: string;
  /** What to do about it. A sentence, or commands on lines of their own. */
  readonly remedy?: string;
}
