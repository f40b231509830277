import Table from "cli-table3";
import { median } from "../statistics";
import type { Kind } from "./stacks";

/** One run of `terraform plan`. */
export interface PlanSample {
  readonly seconds: number;
  /** What was asked of AWS. */
  readonly requests: number;
  /** Instances of managed resources in the plan, those that do not change included. */
  readonly resources: number;
}

export interface PlanContender {
  readonly name: Kind;
  readonly resources: number;
  /** Requests to AWS in one plan. */
  readonly requests: number;
  /** Seconds of each run. */
  readonly samples: readonly number[];
  /** Seconds. */
  readonly median: number;
  /** Seconds of the median for each resource. */
  readonly perResource: number;
}

export interface PlanComparison {
  readonly contenders: readonly PlanContender[];
  /** Time per resource of this project, in times of the older stack's. */
  readonly ratio: number;
}

/** How long `terraform plan` takes, for this project and for the older stack. */
export interface PlanResults {
  /** Before anything is deployed. */
  readonly first: PlanComparison;
  /** With everything deployed, so that Terraform asks AWS for each resource. */
  readonly deployed: PlanComparison;
}

/** How much longer a plan of this project may take for each resource. */
export const PLAN_TARGET = 1.15;

export function comparePlans(samples: ReadonlyMap<Kind, readonly PlanSample[]>): PlanComparison {
  const contenders = [...samples].map(([name, runs]): PlanContender => {
    const seconds = runs.map((run) => run.seconds);
    const resources = median(runs.map((run) => run.resources));
    return {
      name,
      resources,
      requests: median(runs.map((run) => run.requests)),
      samples: seconds,
      median: median(seconds),
      perResource: median(seconds) / resources,
    };
  });
  const perResource = (kind: Kind) => contenders.find(({ name }) => name === kind)?.perResource ?? Number.NaN;
  return { contenders, ratio: perResource("this project") / perResource("the older stack") };
}

/** What `bench plan` prints. */
export function planTable({ first, deployed }: PlanResults): string {
  const table = new Table({
    head: ["terraform plan", "of", "resources", "requests", "seconds", "ms per resource", "ratio"],
    style: { head: [], border: [] },
  });
  for (const [when, { contenders, ratio }] of [
    ["with nothing deployed", first],
    ["with everything deployed", deployed],
  ] as const) {
    for (const { name, resources, requests, median: seconds, perResource } of contenders) {
      const isOurs = name === "this project";
      table.push([
        isOurs ? when : "",
        name,
        resources,
        requests,
        seconds.toFixed(2),
        (perResource * 1000).toFixed(0),
        isOurs ? ratio.toFixed(2) : "",
      ]);
    }
  }
  return `${table.toString()}\n\nMedians. The ratio is that of the times per resource, and may be ${PLAN_TARGET}.`;
}
