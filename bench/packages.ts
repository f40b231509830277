import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EXIT, Problem } from "../ops/problem";
import type { Step } from "../ops/quiet-step";
import { runProgram } from "../ops/program";
import { BENCH } from "./places";

const LOCK = join(BENCH, "package-lock.json");
/** Says which lock file the installed packages are of. npm removes it whenever it installs. */
const INSTALLED = join(BENCH, "node_modules", ".installed-lock");

/** Installs the packages of the benchmark where they are missing, or are those of another lock file. */
export async function ensurePackages(step: Step, signal: AbortSignal): Promise<void> {
  const wanted = createHash("sha256")
    .update(await readFile(LOCK))
    .digest("hex");
  if ((await readFile(INSTALLED, "utf8").catch(() => "")) === wanted) return;
  await step("Install the packages of the benchmark (bench/package-lock.json)", async () => {
    const { exitCode, stderr } = await runProgram(
      "npm",
      ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
      { cwd: BENCH, signal },
    );
    if (exitCode !== 0) {
      throw new Problem(
        `npm could not install the packages of the benchmark:\n${stderr.trim()}`,
        "Is the npm registry in reach? Then look at: npm ci --prefix bench",
        EXIT.notTried,
      );
    }
    await writeFile(INSTALLED, wanted);
  });
}
