import { APPLY_TARGET, type ApplyResults } from "./apply-results";
import type { Step } from "./critical-path";

/** Columns of the timeline. */
const WIDTH = 40;
/** How many late resources are named. */
const NAMED = 10;
/** Seconds of waiting that are worth a line. */
export const NOTABLE_WAIT = 0.5;

/** What `bench apply` prints. */
export function applyReport(results: ApplyResults): string {
  const { resources, command, before, wall, after, criticalPath, ratio, steps } = results;
  const { allowedParallelism, parallelism } = results;
  const late = lateSteps(steps);
  return [
    `${resources} resources in ${seconds(command)}: ${seconds(before)} until the first one is begun, ` +
      `${seconds(wall)} for all of them, ${seconds(after)} to end.`,
    `Critical path: ${seconds(criticalPath.seconds)}. The resources took ${ratio.toFixed(3)} times as long` +
      ` (at most ${APPLY_TARGET}).`,
    "",
    ...timeline(criticalPath.steps, wall),
    "",
    `Side by side: ${parallelism.most} at most, ${parallelism.mean.toFixed(1)} on average, ` +
      `${allowedParallelism} allowed.`,
    late.length === 0
      ? `No resource was begun more than ${NOTABLE_WAIT} s after all that it needs was there.`
      : `Begun more than ${NOTABLE_WAIT} s after all that it needs was there:`,
    ...late.slice(0, NAMED).map(({ waited, address }) => `  ${waited.toFixed(1).padStart(5)} s  ${address}`),
    ...(late.length > NAMED ? [`  and ${late.length - NAMED} more`] : []),
  ].join("\n");
}

/** Resources that could have been begun earlier, the latest first. */
export function lateSteps(steps: readonly Step[]): Step[] {
  return steps.filter(({ waited }) => waited > NOTABLE_WAIT).sort((a, b) => b.waited - a.waited);
}

/** A line for each step: when it starts, what it takes, how long it waited, and where that is in the whole. */
function timeline(steps: readonly Step[], wall: number): string[] {
  const longest = Math.max(...steps.map(({ address }) => address.length));
  const column = (at: number) => Math.round((at / wall) * WIDTH);
  return [
    `  ${"start".padStart(7)} ${"takes".padStart(7)} ${"waited".padStart(7)}  resource`,
    ...steps.map(({ address, start, end, waited }) => {
      const numbers = [start, end - start, waited].map((value) => value.toFixed(2).padStart(7)).join(" ");
      const bar = " ".repeat(column(start)) + "█".repeat(Math.max(1, column(end) - column(start)));
      return `  ${numbers}  ${address.padEnd(longest)}  ${bar}`;
    }),
  ];
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}
