import { table } from "../../scripts/reference-tables";
import type { Comparison } from "../run/samples";
import { median } from "../statistics";
import { mebibytes, middleHalf, ratio, seconds, times } from "./numbers";

/** A Markdown table of a comparison, in the order of the names. Ratios are to the contender `base`. */
export function comparisonTable<Id extends string>(
  comparison: Comparison<Id>,
  names: Readonly<Record<Id, string>>,
  base: Id,
): string {
  const rows = (Object.keys(names) as Id[]).map((id) => {
    const { wallSeconds, cpuSeconds, peakMiB, resources } = comparison[id];
    return [
      names[id],
      seconds(median(wallSeconds)),
      middleHalf(wallSeconds),
      times(ratio(wallSeconds, comparison[base].wallSeconds)),
      seconds(median(cpuSeconds)),
      mebibytes(median(peakMiB)),
      String(resources ?? ""),
    ];
  });
  return table(["", "Time", "Middle half", "Ratio", "CPU time", "Peak memory", "Resources"], rows);
}
