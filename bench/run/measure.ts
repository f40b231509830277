import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../local/child-process";
import { EXIT, Problem } from "../../ops/problem";
import { userEnvironment } from "./environment";
import type { Sample } from "./samples";

/** A program to measure. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** What is set besides the user's own environment. */
  readonly env: Readonly<Record<string, string>>;
}

const REPORT_USAGE = join(import.meta.dirname, "report-usage.cjs");

/**
 * Runs a program to its end and measures it.
 *
 * @throws a Problem when the program fails, and the reason of `signal` when it was aborted.
 */
export async function measure({ file, args, cwd, env }: Program, signal: AbortSignal): Promise<Sample> {
  const usage = await mkdtemp(join(tmpdir(), "bench-usage-"));
  try {
    const start = performance.now();
    const { exitCode, stderr, stdout } = await run(file, args, {
      cwd,
      env: {
        ...userEnvironment(),
        ...env,
        NODE_OPTIONS: `--require ${JSON.stringify(REPORT_USAGE)}`,
        BENCH_USAGE_DIRECTORY: usage,
      },
      signal,
    });
    const wallSeconds = (performance.now() - start) / 1000;
    if (exitCode !== 0) {
      throw new Problem(
        `${[file, ...args].join(" ")} failed in ${cwd}:\n${(stderr || stdout).trim()}`,
        "What does not run cannot be measured. Run it by itself first.",
        EXIT.failed,
      );
    }
    return { wallSeconds: rounded(wallSeconds, 3), ...(await usageOf(usage)) };
  } finally {
    await rm(usage, { recursive: true, force: true });
  }
}

async function usageOf(directory: string): Promise<Omit<Sample, "wallSeconds">> {
  const files = await readdir(directory);
  if (files.length === 0) throw new Error("no Node.js process of the program said what it used");
  const processes = await Promise.all(
    files.map(
      async (file) =>
        JSON.parse(await readFile(join(directory, file), "utf8")) as Omit<Sample, "wallSeconds">,
    ),
  );
  return {
    cpuSeconds: rounded(
      processes.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
      3,
    ),
    peakMiB: rounded(Math.max(...processes.map(({ peakMiB }) => peakMiB)), 1),
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
