import type { CheckResult } from "./check-result";

const WIDTH = { status: 9, name: 36 };

/** A result as a line, and its remedy below. */
export function describe({ status, name, detail, remedy }: CheckResult): string {
  const [first = "", ...more] = detail.split("\n");
  const margin = " ".repeat(WIDTH.status);
  return [
    `${status.padEnd(WIDTH.status)}${name.padEnd(WIDTH.name)}${first}`,
    ...more.map((line) => `${margin}${line}`),
    ...(remedy?.split("\n") ?? []).map((line) => `${margin}→ ${line}`),
  ].join("\n");
}

/** What it comes to. */
export function summary(results: readonly CheckResult[]): string {
  const problems = count(results, "problem");
  const warnings = count(results, "warning");
  const imports = results.some(({ remedy }) => remedy?.includes("terraform import "));
  return [
    problems === 0 && warnings === 0
      ? "All is well."
      : `${plural(problems, "problem")}, ${plural(warnings, "warning")}.`,
    ...(imports
      ? [
          "Run the imports in the stack directory, then doctor once more: what hangs on these resources is found only then.",
        ]
      : []),
  ].join("\n");
}

export function count(results: readonly CheckResult[], status: CheckResult["status"]): number {
  return results.filter((result) => result.status === status).length;
}

function plural(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}
