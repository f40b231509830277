import { readFileSync, writeFileSync } from "node:fs";
import { Testing } from "cdktf";
import { TimeSeriesAnalyzerStack } from "../src/stack";
import { README, UPGRADING, withChanges, withReference } from "./reference";

const stack = new TimeSeriesAnalyzerStack(Testing.app(), "time-series-analyzer", {
  state: { kind: "local" },
});

export const done = main();

async function main(): Promise<void> {
  writeFileSync(README, await withReference(readFileSync(README, "utf8"), JSON.parse(Testing.synth(stack))));
  writeFileSync(UPGRADING, await withChanges(readFileSync(UPGRADING, "utf8")));
}
