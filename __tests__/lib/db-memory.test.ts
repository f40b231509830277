import { describe, expect, it } from "vitest";
import { dbMaxConnections, dbMemoryGiB } from "../../src/lib/db-memory";
import { readHcl } from "../helpers/hcl";

const memoryOf = evaluator(dbMemoryGiB("instanceClass"));
const connectionsOf = evaluator(dbMaxConnections("instanceClass"));

/** Evaluates an expression in JavaScript, which writes all of it but a few functions the same way. */
function evaluator(expression: string): (instanceClass: string) => number {
  const javascript = expression.replace(/\{.*?\}/, (map) => JSON.stringify(readHcl(map)));
  const evaluate = new Function(
    "lookup",
    "element",
    "split",
    "startswith",
    "floor",
    "min",
    "instanceClass",
    `return ${javascript}`,
  );
  return (instanceClass) =>
    evaluate(
      (map: Record<string, number>, key: string, otherwise: number) => map[key] ?? otherwise,
      (list: string[], index: number) => list[index],
      (separator: string, text: string) => text.split(separator),
      (text: string, prefix: string) => text.startsWith(prefix),
      Math.floor,
      Math.min,
      instanceClass,
    );
}

describe("dbMemoryGiB", () => {
  it.each([
    ["db.t3.micro", 1],
    ["db.t3.small", 2],
    ["db.t4g.medium", 4],
    ["db.t3.2xlarge", 32],
    ["db.m6g.large", 8],
    ["db.m7g.16xlarge", 256],
    ["db.r6g.large", 16],
    ["db.r5.24xlarge", 768],
    ["db.x2g.large", 32],
  ])("knows that %s has %i GiB, as AWS says", (instanceClass, gib) => {
    expect(memoryOf(instanceClass)).toBe(gib);
  });

  it("counts a size that is not in the table as the smallest", () => {
    expect(memoryOf("db.m99.tiny")).toBe(1);
  });
});

describe("dbMaxConnections", () => {
  it.each([
    ["db.t3.micro", 84],
    ["db.t3.small", 191],
    ["db.t4g.medium", 405],
    ["db.m6g.large", 833],
    ["db.r6g.large", 1689],
    ["db.r6g.16xlarge", 5000],
  ])("allows %s %i connections", (instanceClass, connections) => {
    expect(connectionsOf(instanceClass)).toBe(connections);
  });
});
