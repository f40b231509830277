import {
  allSteps,
  criticalPath,
  parallelismOf,
  type CriticalPath,
  type Parallelism,
  type Step,
} from "./critical-path";
import type { DependencyGraph } from "./dependency-graph";
import { readTimings } from "./timings";

/** Where the time of one `terraform apply` went. All times are seconds. */
export interface ApplyResults {
  /** Resources that were made. */
  readonly resources: number;
  /** The whole command, from its start to its end. */
  readonly command: number;
  /** From the start of the command to that of the first resource: Terraform reads the plan and starts the provider. */
  readonly before: number;
  /** From the start of the first resource to the end of the last one. */
  readonly wall: number;
  /** From the end of the last resource to that of the command. */
  readonly after: number;
  readonly criticalPath: CriticalPath;
  /** `wall` in times of the critical path. */
  readonly ratio: number;
  /** How many changes Terraform was allowed to make side by side. */
  readonly allowedParallelism: number;
  /** How many it made. */
  readonly parallelism: Parallelism;
  /** Every resource in order of its start; those that were read or opened included. */
  readonly steps: readonly Step[];
}

/** How many times its critical path an apply may take. */
export const APPLY_TARGET = 1.05;

export interface AppliedPlan {
  readonly graph: DependencyGraph;
  /** What `terraform apply -json` printed. */
  readonly lines: readonly string[];
  /** When the command started and ended, in milliseconds since 1970. */
  readonly command: { readonly started: number; readonly ended: number };
  readonly parallelism: number;
}

export function analyseApply({ graph, lines, command, parallelism }: AppliedPlan): ApplyResults {
  const { begin, timings } = readTimings(lines);
  const wall = Math.max(...timings.map(({ end }) => end));
  const path = criticalPath(graph, timings);
  return {
    resources: timings.filter(({ address }) => !/^(data|ephemeral)\./.test(address)).length,
    command: (command.ended - command.started) / 1000,
    before: (begin - command.started) / 1000,
    wall,
    after: (command.ended - begin) / 1000 - wall,
    criticalPath: path,
    ratio: wall / path.seconds,
    allowedParallelism: parallelism,
    parallelism: parallelismOf(timings),
    steps: allSteps(graph, timings),
  };
}
