import { describe, expect, it } from "vitest";
import { configurationOf } from "../../adopt/configuration";
import { assertFits, inspect } from "../../adopt/inspection";
import { EXPECTED, FRONTEND } from "../../adopt/older-stack";
import { parseState } from "../../adopt/state";
import contract from "../fixtures/contract.json";
import { wholeStack } from "../helpers/synth";
import { stateFile } from "./older";

const configuration = configurationOf(wholeStack().json as Parameters<typeof configurationOf>[0]);
const ORIGIN = "terraform.tfstate";

/** A state of the older stack, without some resources and with others. */
function state({ without = [], and = [] }: { without?: readonly string[]; and?: readonly string[] } = {}) {
  const resources = [...EXPECTED.filter((resource) => !without.includes(resource)), ...and];
  return parseState(stateFile(resources.map((address) => ({ address }))), ORIGIN);
}

describe("EXPECTED", () => {
  it("is what the deployments have that exist today, but for HTTPS and the frontend", () => {
    const facts = Object.keys(contract.resources).map((address) => address.replace(/\[.*/, ""));
    const always = facts.filter((each) => !FRONTEND.includes(each) && !each.endsWith("app_listener_https"));

    expect(EXPECTED).toEqual([...new Set(always)].sort());
  });

  it("has a place in this project, each of them", () => {
    expect(EXPECTED.filter((resource) => !configuration.resources.has(resource))).toEqual([]);
  });
});

describe("inspect", () => {
  it("finds everything in a state of the older stack", () => {
    expect(inspect(state(), configuration)).toEqual({
      found: EXPECTED.length,
      missing: [],
      unknown: [],
      hasFrontend: false,
    });
  });

  it("names what is missing", () => {
    expect(inspect(state({ without: ["aws_vpc.time_series_vpc"] }), configuration).missing).toEqual([
      "aws_vpc.time_series_vpc",
    ]);
  });

  it("names what this project has no place for", () => {
    expect(inspect(state({ and: ["aws_sqs_queue.jobs[0]"] }), configuration).unknown).toEqual([
      "aws_sqs_queue.jobs[0]",
    ]);
  });

  it("knows a resource that src/removed.ts names, and those of a module named there", () => {
    const resources = new Set([...configuration.resources, "aws_sqs_queue.jobs"]);

    expect(inspect(state({ and: ["aws_sqs_queue.jobs"] }), { ...configuration, resources }).unknown).toEqual(
      [],
    );
  });

  it("sees a frontend", () => {
    expect(inspect(state({ and: ["aws_s3_bucket.frontend_bucket"] }), configuration).hasFrontend).toBe(true);
  });
});

describe("assertFits", () => {
  const check = (given: ReturnType<typeof state>) => () =>
    assertFits(given, inspect(given, configuration), ORIGIN);

  it("accepts a state of the older stack, HTTPS included", () => {
    expect(check(state({ and: ["aws_lb_listener.app_listener_https[0]"] }))).not.toThrow();
  });

  it("rejects another stack's state", () => {
    expect(check(parseState(stateFile([{ address: "aws_vpc.main" }]), ORIGIN))).toThrow(
      `it has only 0 of the ${EXPECTED.length} resources that one has (1 resources in all)`,
    );
  });

  it("rejects a state of this project", () => {
    expect(check(state({ and: ["aws_secretsmanager_secret_version.api_key_value"] }))).toThrow(
      "is a state of this project already",
    );
  });

  it("rejects what Terraform would destroy with exit code 2, by name, and says what to do", () => {
    expect(check(state({ and: ["aws_sqs_queue.jobs"] }))).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: expect.stringMatching(/would destroy it:\n\n {2}aws_sqs_queue\.jobs\n[^]*src\/removed\.ts/),
      }),
    );
  });
});
