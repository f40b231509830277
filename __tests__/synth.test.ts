import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { defineBackend, stateLocation } from "../src/backend";
import { synth, wholeStack } from "./helpers/synth";

const STACK = "time-series-analyzer";

describe("stateLocation", () => {
  it("is a local file where nothing is set", () => {
    expect(stateLocation({})).toEqual({ kind: "local" });
    expect(stateLocation({ STATE_BUCKET: "", STATE_KEY: "", STATE_REGION: "" })).toEqual({ kind: "local" });
  });

  it("is a bucket where STATE_BUCKET is set", () => {
    expect(stateLocation({ STATE_BUCKET: "states" })).toEqual({
      kind: "s3",
      bucket: "states",
      key: "time-series-analyzer/terraform.tfstate",
      region: "us-west-2",
    });
  });

  it("takes the key and the region of the bucket", () => {
    const location = stateLocation({
      STATE_BUCKET: "states",
      STATE_KEY: "prod/tsa.tfstate",
      STATE_REGION: "eu-central-1",
    });

    expect(location).toEqual({
      kind: "s3",
      bucket: "states",
      key: "prod/tsa.tfstate",
      region: "eu-central-1",
    });
  });

  it.each(["abc", "my.states-1", "a".repeat(63)])("takes the bucket %s", (bucket) => {
    expect(stateLocation({ STATE_BUCKET: bucket })).toMatchObject({ bucket });
  });

  it.each(["ab", "s3://states", "States", "my_states", "-states", "states-", "a".repeat(64)])(
    "refuses the bucket %s",
    (bucket) => {
      expect(() => stateLocation({ STATE_BUCKET: bucket })).toThrow(
        `STATE_BUCKET must be the name of an S3 bucket (3 to 63 lower-case letters, digits, dots and hyphens, without s3://), got "${bucket}"`,
      );
    },
  );

  it.each(["/prod.tfstate", "prod/"])("refuses the key %s", (key) => {
    expect(() => stateLocation({ STATE_BUCKET: "states", STATE_KEY: key })).toThrow(
      `STATE_KEY must be an object key that neither starts nor ends with "/", got "${key}"`,
    );
  });

  it.each(["us-gov-west-1", "ap-southeast-2"])("takes the region %s", (region) => {
    expect(stateLocation({ STATE_BUCKET: "states", STATE_REGION: region })).toMatchObject({ region });
  });

  it.each(["us-west", "us-west-2a", "US-WEST-2", "Oregon"])("refuses the region %s", (region) => {
    expect(() => stateLocation({ STATE_BUCKET: "states", STATE_REGION: region })).toThrow(
      `STATE_REGION must be an AWS region, for example us-west-2, got "${region}"`,
    );
  });

  it.each(["STATE_KEY", "STATE_REGION"])("refuses %s without a bucket rather than ignore it", (name) => {
    expect(() => stateLocation({ [name]: "us-west-2" })).toThrow(
      `${name} is set but STATE_BUCKET is not: set STATE_BUCKET to the bucket of the state, or unset ${name} for a local state`,
    );
  });
});

describe("defineBackend", () => {
  const backend = (env: Record<string, string>) =>
    synth((stack) => defineBackend(stack, stateLocation(env))).json.terraform.backend;

  it("keeps a local state outside the generated files, by a relative path", () => {
    expect(backend({})).toEqual({ local: { path: "../../../terraform.test.tfstate" } });
    expect(wholeStack().json.terraform.backend).toEqual({
      local: { path: `../../../terraform.${STACK}.tfstate` },
    });
  });

  it("encrypts a remote state, and locks it without a table", () => {
    expect(backend({ STATE_BUCKET: "states", STATE_KEY: "a/b", STATE_REGION: "eu-west-1" })).toEqual({
      s3: { bucket: "states", key: "a/b", region: "eu-west-1", encrypt: true, use_lockfile: true },
    });
  });
});

describe("imports", () => {
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => ({ file, text: readFileSync(path.join("src", file), "utf8") }));

  it.each(sources)(
    "of $file name one provider resource each: the barrel costs seconds and a gigabyte",
    ({ text }) => {
      const imported = [...text.matchAll(/from "(@cdktf\/[^"]+)"/g)].map((match) => match[1]);

      expect(imported.filter((name) => !/^@cdktf\/provider-aws\/lib\/[a-z0-9-]+$/.test(name ?? ""))).toEqual(
        [],
      );
      expect(imported.every((name) => existsSync(path.join("node_modules", name ?? "")))).toBe(true);
    },
  );

  it("of nothing in src reach the tests or the local emulator", () => {
    const strays = sources.filter(({ text }) => /from "[./]+\/(local|__tests__)\//.test(text));

    expect(strays.map(({ file }) => file)).toEqual([]);
  });
});
