import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { App } from "cdktf";
import { afterAll, describe, expect, it, vi } from "vitest";
import { stateLocation } from "../src/backend";
import { defineFleet, type FleetMember } from "../src/fleet";
import { TimeSeriesAnalyzerStack } from "../src/stack";

const outdirs: string[] = [];

afterAll(() => {
  for (const outdir of outdirs) rmSync(outdir, { recursive: true });
});

const inBucket = (key: string) => stateLocation({ STATE_BUCKET: "acme-terraform-state", STATE_KEY: key });

const MEMBERS: readonly FleetMember[] = [
  { id: "acme-prod", state: inBucket("acme-prod/terraform.tfstate") },
  { id: "globex-prod", state: inBucket("globex-prod/terraform.tfstate") },
  { id: "on-a-laptop", state: { kind: "local" } },
];

describe("a fleet", () => {
  const resolved = vi.spyOn(TimeSeriesAnalyzerStack.prototype, "toTerraform");
  const together = synthesize((app) => defineFleet(app, MEMBERS));
  const stacks = new Set(resolved.mock.contexts);
  resolved.mockRestore();

  it("gives each member, to the byte, the stack that it would have alone", () => {
    for (const { id, state } of MEMBERS) {
      const alone = synthesize((app) => new TimeSeriesAnalyzerStack(app, id, { state }));
      expect(together(id)).toBe(alone(id));
    }
  });

  it("builds and resolves one stack, however many members it has", () => {
    expect(stacks.size).toBe(1);
  });

  it("refuses two members with one state", () => {
    const app = new App({ outdir: temporaryDirectory() });
    const state = inBucket("acme/terraform.tfstate");

    expect(() =>
      defineFleet(app, [
        { id: "acme-staging", state },
        { id: "acme-prod", state },
      ]),
    ).toThrow(
      "acme-staging and acme-prod both keep their state at s3://acme-terraform-state/acme/terraform.tfstate: give each a key of its own",
    );
  });

  it("may be empty", () => {
    const app = new App({ outdir: temporaryDirectory() });

    defineFleet(app, []);

    expect(app.node.children).toEqual([]);
  });
});

/** The text of each stack's configuration, by the stack's id. */
function synthesize(define: (app: App) => void): (id: string) => string {
  const app = new App({ outdir: temporaryDirectory(), skipValidation: true });
  define(app);
  app.synth();
  return (id) => readFileSync(path.join(app.outdir, "stacks", id, "cdk.tf.json"), "utf8");
}

function temporaryDirectory(): string {
  const outdir = mkdtempSync(path.join(tmpdir(), "fleet-"));
  outdirs.push(outdir);
  return outdir;
}
