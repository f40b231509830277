import { step, type Report } from "../../local/step";

/** Runs one step of a command, and returns what it returns. */
export type StepRunner = typeof step;

/** What runs the steps of a command: shown, or in silence where standard output is for a JSON document. */
export function stepRunner(quiet: boolean): StepRunner {
  return quiet ? inSilence : step;
}

async function inSilence<T>(_title: string, work: (report: Report) => Promise<T>): Promise<T> {
  return work(() => undefined);
}
