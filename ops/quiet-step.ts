import { type Report, step } from "../local/step";

/** Runs one step of a command and says so. */
export type Step = <T>(title: string, work: (report: Report) => Promise<T>) => Promise<T>;

/** Steps that are shown, or none at all where standard output is for machines. */
export function stepFor({ json }: { readonly json: boolean }): Step {
  return json ? (_, work) => work(() => undefined) : step;
}
