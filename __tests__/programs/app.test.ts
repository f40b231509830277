import { execFile } from "node:child_process";
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { App } from "cdktf";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { TimeSeriesAnalyzerStack } from "../../src/stack";
import { linkTfvars } from "../../src/tfvars-link";
import { type Block, wholeStack } from "../helpers/synth";

const STACK = "time-series-analyzer";

const LOCAL_STATE = { STATE_BUCKET: "", STATE_KEY: "", STATE_REGION: "" };

/** Runs the app as `npm run synth` does, into `outdir`. */
async function runApp(outdir: string, environment: NodeJS.ProcessEnv = {}): Promise<void> {
  await promisify(execFile)(process.execPath, ["runner/run.mjs", "main.ts"], {
    env: { ...process.env, ...LOCAL_STATE, ...environment, CDKTF_OUTDIR: outdir },
  });
}

const inStack = (outdir: string, file: string) => path.join(outdir, "stacks", STACK, file);
const stackFile = (outdir: string) => readFileSync(inStack(outdir, "cdk.tf.json"), "utf8");

describe("the app", () => {
  let parent: string;
  let first: string;
  let second: string;
  let remote: string;
  beforeAll(async () => {
    parent = mkdtempSync(path.join(os.tmpdir(), "synth-test-"));
    [first, second, remote] = ["first", "second", "remote"].map((name) => path.join(parent, name)) as [
      string,
      string,
      string,
    ];
    await Promise.all([runApp(first), runApp(second, { PATH: "" })]);
  });
  afterAll(() => rmSync(parent, { recursive: true, force: true }));

  it("gives the same bytes each time, and needs no Terraform for it", () => {
    expect(stackFile(second)).toBe(stackFile(first));
  });

  it("gives what the tests of the stack look at", () => {
    // cdktf's notes ("//") are left out of what tests see.
    const stack = JSON.parse(stackFile(first), (key, value) => (key === "//" ? undefined : value));

    expect(stack).toEqual(wholeStack().json);
  });

  it("writes nothing about this machine beside it", () => {
    const manifest = readFileSync(path.join(first, "manifest.json"), "utf8");

    expect(readFileSync(path.join(second, "manifest.json"), "utf8")).toBe(manifest);
    expect(`${manifest}${stackFile(first)}`).not.toContain(parent);
    expect(`${manifest}${stackFile(first)}`).not.toContain(process.cwd());
  });

  it("takes the place of the state from the environment, and nothing else changes", async () => {
    vi.stubEnv("CDKTF_OUTDIR", remote);
    vi.stubEnv("STATE_BUCKET", "states");
    await import("../../main");
    vi.unstubAllEnvs();
    const [local, elsewhere] = [first, remote].map((outdir) => JSON.parse(stackFile(outdir)) as Block);
    const withoutBackend = (json?: Block) => ({
      ...json,
      "//": undefined,
      terraform: { ...json?.terraform, backend: undefined },
    });

    expect(elsewhere?.terraform.backend).toMatchObject({ s3: { bucket: "states" } });
    expect(withoutBackend(elsewhere)).toEqual(withoutBackend(local));
  });

  it("links the project's terraform.tfvars into the stack directory, by a relative path", () => {
    const link = inStack(first, "terraform.tfvars");
    const target = readlinkSync(link);

    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(path.isAbsolute(target)).toBe(false);
    expect(path.resolve(path.dirname(link), target)).toBe(path.resolve("terraform.tfvars"));
  });

  it("makes the link anew after a second synthesis into the same directory", () => {
    const link = inStack(first, "terraform.tfvars");
    const target = readlinkSync(link);
    const bytes = stackFile(first);

    const app = new App({ outdir: first });
    new TimeSeriesAnalyzerStack(app, STACK, { state: { kind: "local" } });
    app.synth();
    linkTfvars(first, STACK);
    linkTfvars(first, STACK);

    expect(readlinkSync(link)).toBe(target);
    expect(stackFile(first)).toBe(bytes);
  });
});
