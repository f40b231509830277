import { type Report, step } from "../local/step";
import type { Globals } from "./globals";

/**
 * Runs one step of a command and shows it. A line that repeats is shown once. With `--json` the lines go to
 * standard error, because standard output belongs to the document.
 */
export async function showStep<T>(
  title: string,
  { json }: Pick<Globals, "json">,
  work: (report: Report) => Promise<T>,
): Promise<T> {
  if (!json) return step(title, (report) => work(onlyChanges(report)));
  console.error(title);
  return work(onlyChanges((line) => console.error(`  ${line}`)));
}

function onlyChanges(report: Report): Report {
  let last: string | undefined;
  return (line) => {
    if (line !== last) report(line);
    last = line;
  };
}
