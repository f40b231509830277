import { step, isTerminal, type Report } from "../../local/step";
import { readDeployment, type Deployment } from "../deployment";
import type { Globals } from "../globals";

/** What every part of `ops db` works with. */
export interface Access {
  readonly deployment: Deployment;
  readonly signal: AbortSignal;
  /** Does one part of the work and shows it. */
  readonly step: <T>(title: string, work: (report: Report) => Promise<T>) => Promise<T>;
  /** Tells the person who watches. */
  readonly say: (text: string) => void;
}

/**
 * Reads what is deployed.
 *
 * @throws Problem when nothing is.
 */
export async function readAccess(globals: Globals): Promise<Access> {
  return { deployment: await readDeployment(globals), ...accessWithoutDeployment(globals) };
}

/** The same, for what works also where nothing is deployed any more. */
export function accessWithoutDeployment({ signal, json }: Globals): Omit<Access, "deployment"> {
  return { signal, step: isTerminal && !json ? step : plainStep, say };
}

/** Standard output may be a document or the rows of a query, so nothing else goes there. */
async function plainStep<T>(title: string, work: (report: Report) => Promise<T>): Promise<T> {
  say(`${title} …`);
  let last: string | undefined;
  return work((line) => {
    if (line !== last) say(`  ${line}`);
    last = line;
  });
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
