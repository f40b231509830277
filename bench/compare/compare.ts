import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../local/workspace";
import { Problem } from "../../ops/problem";
import type { Step } from "../../ops/quiet-step";
import { measure } from "../run/measure";
import { type Checkout, copyWorkingTree, isWorkingTreeOf, mergeBase, writeCommit } from "./git";
import { installSide, type Side } from "./side";
import { judge, type Pair, type Verdict } from "./verdict";

export interface CompareOptions {
  readonly pairs: number;
  readonly step: Step;
  readonly signal: AbortSignal;
}

/**
 * Synthesizes the working tree and its merge base with `ref` in turn.
 *
 * Both run as copies, beside each other and installed in the same way, so that they differ in their files
 * alone. The repository and the working tree stay as they are.
 */
export async function compareWith(ref: string, { pairs, step, signal }: CompareOptions): Promise<Verdict> {
  const checkout: Checkout = { directory: projectRoot, signal };
  const base = await mergeBase(ref, checkout);
  const nothing = (reason: string): Verdict => ({ kind: "nothing to compare", base, reason });
  if (await isWorkingTreeOf(base, checkout)) return nothing("the working tree is that commit.");

  const directory = await mkdtemp(join(tmpdir(), "bench-compare-"));
  const [beforeDirectory, afterDirectory] = [join(directory, "before"), join(directory, "after")];
  try {
    const hasProject = await step("Copy both", async () => {
      await copyWorkingTree(afterDirectory, checkout);
      return writeCommit(base, beforeDirectory, checkout);
    });
    if (!hasProject) return nothing("that commit has no app in this directory.");
    const [before, after] = await step("Install both", async () => [
      await installSide(beforeDirectory, signal),
      await installSide(afterDirectory, signal),
    ]);

    // What a side keeps for the next run, it keeps from the second on.
    const failure = await step("Synthesize each twice, uncounted", async () => {
      const failed = await failureOf(before, signal);
      if (failed !== undefined) return failed;
      for (const { program } of [before, after, after]) await measure(program, signal);
      return undefined;
    });
    if (failure !== undefined) return nothing(`it does not synthesize by itself.\n${failure}`);
    const measured = await step(`Synthesize both in turn, ${pairs} times`, (report) =>
      measurePairs({ before, after }, pairs, report, signal),
    );
    return {
      kind: "compared",
      base,
      ...judge(measured),
      isOutputTheSame: (await before.configuration()) === (await after.configuration()),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function failureOf({ program }: Side, signal: AbortSignal): Promise<string | undefined> {
  try {
    await measure(program, signal);
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
}

async function measurePairs(
  { before, after }: { readonly before: Side; readonly after: Side },
  count: number,
  report: (line: string) => void,
  signal: AbortSignal,
): Promise<readonly Pair[]> {
  const pairs: Pair[] = [];
  while (pairs.length < count) {
    if (pairs.length % 10 === 0) report(`${pairs.length} of ${count}`);
    // Each goes first in every other pair: what the first leaves behind falls on both alike.
    if (pairs.length % 2 === 0) {
      const first = await measure(before.program, signal);
      pairs.push({ before: first, after: await measure(after.program, signal) });
    } else {
      const first = await measure(after.program, signal);
      pairs.push({ after: first, before: await measure(before.program, signal) });
    }
  }
  return pairs;
}
