import { readFileSync } from "node:fs";
import { parse } from "@cdktf/hcl2json";
import { beforeAll, describe, expect, it } from "vitest";
import { PROFILES } from "../src/profiles";
import { type Block, wholeStack } from "./helpers/synth";

const FILE = "terraform.tfvars.example";
const lines = readFileSync(FILE, "utf8").split("\n");
const { variable: variables } = wholeStack().json as { variable: Record<string, Block> };

const SETTING = /^(# )?([a-z0-9_]+) *= /;
const settings = lines.flatMap((line) => {
  const [, comment, name] = SETTING.exec(line) ?? [];
  return name ? [{ name, commented: comment !== undefined, line }] : [];
});

/** A file of settings as Terraform reads it. */
const read = (text: string): Promise<Block> => parse(FILE, text);

describe(FILE, () => {
  let asGiven: Block;
  let uncommented: Block;
  beforeAll(async () => {
    asGiven = await read(lines.join("\n"));
    uncommented = await read(settings.map(({ line }) => line.replace(/^# /, "")).join("\n"));
  });

  it("names every variable once, and nothing else", () => {
    expect(settings.map(({ name }) => name).sort()).toEqual(Object.keys(variables).sort());
  });

  it("is what Terraform can read, with every comment sign removed too", () => {
    expect(Object.keys(asGiven).sort()).toEqual(
      settings
        .filter(({ commented }) => !commented)
        .map(({ name }) => name)
        .sort(),
    );
    expect(Object.keys(uncommented).sort()).toEqual(Object.keys(variables).sort());
  });

  it("sets what is required and what everybody chooses, and comments the rest out", () => {
    expect(Object.keys(asGiven).sort()).toEqual(["api_key", "aws_region", "db_password", "environment"]);
  });

  it("gives required variables a value that passes, and is plainly no real one", () => {
    const required = Object.keys(variables).filter((name) => !("default" in (variables[name] as Block)));

    expect(required.sort()).toEqual(["api_key", "db_password"]);
    for (const name of required) {
      expect(asGiven[name]).toMatch(/^change-me-[a-z-]+$/);
    }
  });

  it.each(Object.keys(variables).filter((name) => "default" in (variables[name] as Block)))(
    "shows the default of %s",
    (name) => {
      expect(uncommented[name]).toEqual(variables[name]?.default);
    },
  );

  it.each(Object.keys(PROFILES.dev))("leaves %s to the profile", (name) => {
    expect(uncommented[name]).toBeNull();
    expect(settings.find((setting) => setting.name === name)?.commented).toBe(true);
  });

  it("explains every variable: a comment stands above each group of settings", () => {
    const unexplained = settings.filter(({ line }) => {
      const block =
        lines
          .slice(0, lines.indexOf(line))
          .join("\n")
          .split(/\n\s*\n/)
          .at(-1) ?? "";
      return !/^# (?!---).*\.$/m.test(block);
    });

    expect(unexplained.map(({ name }) => name)).toEqual([]);
  });
});
