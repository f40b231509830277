import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { nearest } from "../../check/known-names";
import { tfvarsFiles } from "../../check/tfvars-files.mjs";
import { wholeStack } from "../helpers/synth";

const KNOWN = Object.keys(wholeStack().json.variable);

describe("nearest", () => {
  it.each([
    ["db_pasword", "db_password"],
    ["DB_PASSWORD", "db_password"],
    ["dbPassword", "db_password"],
    ["db-password", "db_password"],
    ["database_password", "db_password"],
    ["region", "aws_region"],
    ["desired_count", "backend_desired_count"],
    ["backend_desired_counts", "backend_desired_count"],
    ["certificate_arn", "ssl_certificate_arn"],
    ["api_keys", "api_key"],
    ["enviroment", "environment"],
    ["instance_class", "db_instance_class"],
  ])("%s is meant to be %s", (name, meant) => {
    expect(nearest(name, KNOWN)).toBe(meant);
  });

  it.each(["redis_node_type", "x", "owner"])("%s is like no name", (name) => {
    expect(nearest(name, KNOWN)).toBeUndefined();
  });
});

describe("tfvarsFiles", () => {
  it("are those that Terraform reads by itself, in its order", () => {
    const directory = mkdtempSync(path.join(tmpdir(), "tfvars-"));
    const files = [
      "b.auto.tfvars",
      "a.auto.tfvars.json",
      "terraform.tfvars.json",
      "prod.tfvars",
      "terraform.tfvars",
      "terraform.tfvars.example",
    ];
    for (const file of files) writeFileSync(path.join(directory, file), "");

    expect(tfvarsFiles(directory)).toEqual([
      "terraform.tfvars",
      "terraform.tfvars.json",
      "a.auto.tfvars.json",
      "b.auto.tfvars",
    ]);
    rmSync(directory, { recursive: true });
  });
});
