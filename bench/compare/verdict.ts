import { mebibytes, seconds, times } from "../report/numbers";
import type { Sample } from "../run/samples";
import { median, quantile } from "../statistics";

/** How many times as long as before a synthesis may take. */
export const BUDGET = 1.15;

/** One run of each side, right after one another. */
export interface Pair {
  readonly before: Sample;
  readonly after: Sample;
}

/** How a measure changed. */
export interface Change {
  readonly before: number;
  readonly after: number;
  /** Median of the ratios within each pair. */
  readonly ratio: number;
  /** The range that the middle half of those ratios is in. */
  readonly middleHalf: readonly [number, number];
}

export type Verdict =
  | {
      readonly kind: "compared";
      readonly base: string;
      readonly pairs: number;
      readonly time: Change;
      readonly cpuTime: Change;
      readonly peakMemory: Change;
      readonly isOutputTheSame: boolean;
      readonly isTooSlow: boolean;
    }
  | { readonly kind: "nothing to compare"; readonly base: string; readonly reason: string };

/** Judges pairs of runs. Pure: the same pairs give the same verdict. */
export function judge(
  pairs: readonly Pair[],
): Pick<Extract<Verdict, { kind: "compared" }>, "pairs" | "time" | "cpuTime" | "peakMemory" | "isTooSlow"> {
  const time = change(pairs, "wallSeconds");
  const cpuTime = change(pairs, "cpuSeconds");
  return {
    pairs: pairs.length,
    time,
    cpuTime,
    peakMemory: change(pairs, "peakMiB"),
    isTooSlow: isOverBudget(time) || isOverBudget(cpuTime),
  };
}

/** Where pairs differ so much that a quarter of them says it became faster, nothing can be said. */
function isOverBudget({ ratio, middleHalf: [lower] }: Change): boolean {
  return ratio > BUDGET && lower > 1;
}

function change(pairs: readonly Pair[], measure: keyof Sample): Change {
  const ratios = pairs.map(({ before, after }) => after[measure] / before[measure]);
  return {
    before: median(pairs.map(({ before }) => before[measure])),
    after: median(pairs.map(({ after }) => after[measure])),
    ratio: median(ratios),
    middleHalf: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
  };
}

/** A verdict in words. */
export function inWords(verdict: Verdict): string {
  const base = verdict.base.slice(0, 7);
  if (verdict.kind === "nothing to compare") return `Nothing to compare with ${base}: ${verdict.reason}`;
  const line = (
    name: string,
    { before, after, ratio, middleHalf }: Change,
    unit: (value: number) => string,
  ) =>
    `  ${name.padEnd(12)} ${unit(before)} → ${unit(after)}, ${times(ratio)} (${middleHalf.map(times).join(" to ")})`;
  return [
    `A synthesis now, against the commit ${base} that the change started from`,
    `(medians of ${verdict.pairs} pairs; in brackets the middle half of the ratios):`,
    line("time", verdict.time, seconds),
    line("CPU time", verdict.cpuTime, seconds),
    line("peak memory", verdict.peakMemory, mebibytes),
    `The output is ${verdict.isOutputTheSame ? "the same" : "another one"}.`,
    verdict.isTooSlow
      ? `Too slow: more than ${times(BUDGET)}. Look for what the change loads, builds or waits for.`
      : `Within the budget of ${times(BUDGET)}.`,
  ].join("\n");
}
