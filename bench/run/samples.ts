/** One run of a program. */
export interface Sample {
  readonly wallSeconds: number;
  /** CPU time of all its Node.js processes together. */
  readonly cpuSeconds: number;
  /** Most memory that one of its Node.js processes held at once. */
  readonly peakMiB: number;
}

/** The runs of one program, by measure, in their order. */
export type Samples = { readonly [measure in keyof Sample]: readonly number[] };

/** The runs of one contender. */
export interface Measured extends Samples {
  /** How many resources it makes, where it makes any. */
  readonly resources?: number;
}

/** What was measured of each contender, side by side. */
export type Comparison<Contender extends string = string> = Readonly<Record<Contender, Measured>>;

export function byMeasure(runs: readonly Sample[]): Samples {
  return {
    wallSeconds: runs.map(({ wallSeconds }) => wallSeconds),
    cpuSeconds: runs.map(({ cpuSeconds }) => cpuSeconds),
    peakMiB: runs.map(({ peakMiB }) => peakMiB),
  };
}
