import { Testing } from "cdktf";
import { describe, expect, it } from "vitest";
import { BootstrapStack } from "../../bootstrap/stack";
import { parse, wholeStack, type Block } from "../helpers/synth";

const { json } = parse(new BootstrapStack(Testing.app(), "bootstrap", { deployment: wholeStack().json }));
const resources = json.resource as Record<string, Block>;

describe("the bootstrap stack", () => {
  it("keeps Terraform from deleting the state", () => {
    expect(resources.aws_s3_bucket?.state.lifecycle).toEqual({ prevent_destroy: true });
  });

  it("makes nothing for GitHub where no repository is named", () => {
    const forGitHub = Object.entries(resources).filter(([type]) => type.startsWith("aws_iam_"));

    expect(forGitHub.length).toBeGreaterThan(0);
    for (const block of forGitHub.flatMap(([, blocks]) => Object.values(blocks) as Block[])) {
      expect(block.count).toMatch(/^\$\{var\.github_repository != null/);
    }
  });

  it("has no name that the deploy role could reach", () => {
    const named = ["aws_iam_role", "aws_iam_policy"].flatMap((type) => Object.values(resources[type] ?? {}));

    for (const { name } of named as Block[]) expect(name).toMatch(/^terraform-(plan|deploy)-/);
    expect(JSON.stringify(json.variable.app_name.validation)).toContain("not start with terraform");
    expect(JSON.stringify(json.variable.state_bucket_name.validation)).toContain("not start with the name");
  });

  it("does not touch the state of the deployment", () => {
    expect(json.terraform.backend).toEqual({
      local: { path: "../../../terraform.bootstrap.tfstate" },
    });
  });
});
