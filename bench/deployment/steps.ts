import { step, type Report } from "../../local/step";

/** What runs the steps of a command: shown, or in silence where standard output is for a JSON document. */
export function stepRunner(quiet: boolean): typeof step {
  return quiet ? inSilence : step;
}

async function inSilence<T>(_title: string, work: (report: Report) => Promise<T>): Promise<T> {
  return work(() => undefined);
}
