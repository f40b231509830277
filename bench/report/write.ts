import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";
import { projectRoot } from "../../local/workspace";
import { EXIT, Problem } from "../../ops/problem";
import { runProgram } from "../../ops/program";
import { BENCH } from "../places";
import { PAGE, page } from "./page";
import { PLOT, plotSpecification, sealed } from "./plot";
import type { Results } from "./results";

const RESULTS = join(BENCH, "results.json");

export async function writeResults(results: Results): Promise<void> {
  await writeFile(RESULTS, await format(JSON.stringify(results), { parser: "json", printWidth: 110 }));
}

export async function readResults(): Promise<Results> {
  return JSON.parse(await readFile(RESULTS, "utf8")) as Results;
}

/** Writes the page and the plot. */
export async function writeReport(results: Results, signal: AbortSignal): Promise<void> {
  await writeFile(join(projectRoot, PAGE), await page(results));
  await writeFile(join(projectRoot, PLOT), sealed(await draw(plotSpecification(results), signal), results));
}

async function draw(specification: object, signal: AbortSignal): Promise<string> {
  const { exitCode, stdout, stderr } = await runProgram(process.execPath, [join(BENCH, "plot/draw.mjs")], {
    input: JSON.stringify(specification),
    signal,
  });
  if (exitCode !== 0) {
    throw new Problem(
      `Vega could not draw the plot:\n${stderr.trim()}`,
      "The results are kept. Draw again with: npm run bench -- render",
      EXIT.failed,
    );
  }
  return stdout;
}
