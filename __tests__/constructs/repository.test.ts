import { EcrLifecyclePolicy } from "@cdktf/provider-aws/lib/ecr-lifecycle-policy";
import { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository";
import { describe, expect, it } from "vitest";
import { Repository } from "../../src/constructs/repository";
import { readHcl } from "../helpers/hcl";
import { type Block, ref, synth, wholeStack } from "../helpers/synth";

const template = synth((stack) => {
  const props = { repositoryName: "web", keptTags: ["v7", "before"], forceDelete: ref("var.throw_away") };
  expect(new Repository(stack, "web_repo", props).url).toBeDefined();
});

describe("Repository", () => {
  it("scans what is pushed", () => {
    expect(template.resource(EcrRepository)).toMatchObject({
      name: "web",
      image_scanning_configuration: { scan_on_push: true },
    });
  });

  it("lets a tag move, because the documented steps push to latest", () => {
    expect(template.resource(EcrRepository).image_tag_mutability).toBe("MUTABLE");
  });

  it("goes with its images only where that is allowed", () => {
    expect(template.resource(EcrRepository).force_delete).toBe("${var.throw_away}");
  });

  const policy = template.resource(EcrLifecyclePolicy);
  const rules: Block[] = readHcl(policy.policy).rules;

  it("clears away untagged images after 14 days, then all but the newest 50", () => {
    expect(policy.repository).toBe("${aws_ecr_repository.web_repo.name}");
    expect(rules.slice(2)).toMatchObject([
      {
        selection: {
          tagStatus: "untagged",
          countType: "sinceImagePushed",
          countUnit: "days",
          countNumber: 14,
        },
        action: { type: "expire" },
      },
      {
        selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 50 },
        action: { type: "expire" },
      },
    ]);
  });

  it.each([
    [1, "v7"],
    [2, "before"],
  ])("never clears away an image to keep: rule %i takes %s out of the others' reach", (priority, tag) => {
    expect(rules[priority - 1]).toMatchObject({
      rulePriority: priority,
      selection: {
        tagStatus: "tagged",
        tagPatternList: [tag],
        countType: "imageCountMoreThan",
        countNumber: 1,
      },
    });
    expect(rules.map(({ rulePriority }) => rulePriority)).toEqual([1, 2, 3, 4]);
  });

  it("is there twice in the stack, for the backend and the frontend", () => {
    const forceDelete = { force_delete: "${local.ecr_force_delete}" };

    expect(wholeStack().resources(EcrRepository)).toMatchObject({
      backend_repo: { name: "${var.app_name}-backend", ...forceDelete },
      frontend_repo: { name: "${var.app_name}-frontend", ...forceDelete },
    });
  });

  it.each([
    ["backend_repo_lifecycle", ["${var.backend_image_tag}", "deployed", "deployed-before"]],
    ["frontend_repo_lifecycle", ["latest"]],
  ])("keeps, in %s, the images tagged %j", (id, tags) => {
    const { rules } = readHcl(wholeStack().resource(EcrLifecyclePolicy, id).policy);
    const kept = rules.filter(({ selection }: Block) => selection.tagStatus === "tagged");

    expect(kept.flatMap(({ selection }: Block) => selection.tagPatternList)).toEqual(tags);
  });
});
