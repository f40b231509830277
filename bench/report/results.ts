import type { DeploymentResults } from "../deployment/section";
import type { Comparison } from "../run/samples";
import type { ContenderId } from "../synth/contender";

/** What `npm run bench` measured: the content of bench/results.json. */
export interface Results extends DeploymentResults {
  /** Day of the run, as 2026-01-31. */
  readonly date: string;
  readonly machine: Machine;
  readonly versions: Versions;
  readonly synth: Comparison<ContenderId>;
}

export interface Machine {
  readonly processor: string;
  /** Cores that the process may use. */
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
}

export type Versions = Readonly<Record<string, string>>;
