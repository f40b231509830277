import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findOlderProject } from "../../adopt/older-project";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "older-"));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

async function given(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), text);
  }
}

const find = (options = {}) => findOlderProject(root, options);
const at = (...names: string[]) => path.join(root, ...names);
const initialized = (type: string, config = {}) => JSON.stringify({ version: 3, backend: { type, config } });

describe("findOlderProject", () => {
  it("finds the state in the directory", async () => {
    await given({ "terraform.tfstate": "{}" });

    expect(await find()).toEqual({
      directory: root,
      source: { kind: "file", file: at("terraform.tfstate") },
      workspace: "default",
      otherWorkspaces: [],
    });
  });

  it("finds it in infrastructure/ below", async () => {
    await given({ "infrastructure/main.tf": "", "infrastructure/terraform.tfstate": "{}" });

    expect(await find()).toMatchObject({ directory: at("infrastructure") });
  });

  it("follows the path of a local backend", async () => {
    await given({
      ".terraform/terraform.tfstate": initialized("local", { path: "states/prod.tfstate" }),
      "states/prod.tfstate": "{}",
    });

    expect(await find()).toMatchObject({ source: { file: at("states/prod.tfstate") } });
  });

  it("takes the selected workspace, and names the others", async () => {
    await given({
      ".terraform/environment": "prod",
      "terraform.tfstate": "{}",
      "terraform.tfstate.d/prod/terraform.tfstate": "{}",
    });

    expect(await find()).toMatchObject({
      source: { file: at("terraform.tfstate.d/prod/terraform.tfstate") },
      workspace: "prod",
      otherWorkspaces: ["default"],
    });
    expect(await find({ workspace: "default" })).toMatchObject({
      source: { file: at("terraform.tfstate") },
      otherWorkspaces: ["prod"],
    });
  });

  it("names the workspaces that have a state when the selected one has none", async () => {
    await given({ "main.tf": "", "terraform.tfstate.d/prod/terraform.tfstate": "{}" });

    await expect(find()).rejects.toThrow(
      'the workspace "default" has no state at ' +
        `${at("terraform.tfstate")}, but these have one: prod. Choose with --workspace`,
    );
  });

  it("prefers the backend that the project is initialized with to a file left behind", async () => {
    await given({ ".terraform/terraform.tfstate": initialized("s3"), "terraform.tfstate": "{}" });

    expect(await find()).toMatchObject({ source: { kind: "remote", backend: "s3" } });
  });

  it.each([
    ["main.tf", 'terraform {\n  backend "s3" {\n    bucket = "b"\n  }\n}\n', "s3"],
    ["main.tf", 'terraform {\n  cloud {\n    organization = "o"\n  }\n}\n', "cloud"],
    ["main.tf.json", '{"terraform": {"backend": {"gcs": {}}}}', "gcs"],
  ])("asks for terraform init where %s has a backend and nobody ran it", async (name, text, backend) => {
    await given({ [name]: text });

    await expect(find()).rejects.toThrow(
      `${root} keeps its state in a backend (${backend}) but is not initialized: run "terraform init" there first`,
    );
  });

  it("takes a state file in place of the project's own", async () => {
    await given({ "main.tf": 'terraform {\n  backend "s3" {}\n}\n', "pulled.json": "{}" });

    expect(await find({ state: at("pulled.json") })).toMatchObject({
      source: { kind: "file", file: at("pulled.json") },
    });
    await expect(find({ state: at("none.json") })).rejects.toThrow("--state must name a file");
  });

  it("rejects a project that was never applied", async () => {
    await given({ "main.tf": "" });

    await expect(find()).rejects.toThrow(`there is no state at ${at("terraform.tfstate")}`);
  });

  it("rejects a directory without a project", async () => {
    await given({ "README.md": "" });

    await expect(find()).rejects.toThrow("must be the directory of the older Terraform project");
  });
});
