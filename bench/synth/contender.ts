import type { Program } from "../run/measure";

/** Who is measured, in the order of the table. */
export const CONTENDERS = [
  "project",
  "project-edited",
  "project-cli",
  "loading",
  "template",
  "aws-cdk",
  "aws-cdk-unvalidated",
  "aws-cdk-ts-node",
] as const;

export type ContenderId = (typeof CONTENDERS)[number];

export interface Contender {
  readonly id: ContenderId;
  /** Done before each run, and not measured. */
  readonly prepare?: () => Promise<void>;
  /** Synthesizes into an empty directory. */
  readonly program: (outdir: string) => Program;
  /** How many resources it has put there. */
  readonly resources?: (outdir: string) => Promise<number>;
}
