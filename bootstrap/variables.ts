import type { Construct } from "constructs";
import { APP_NAME_RULES, REGION_RULES } from "../src/variables/general";
import { optionalVariable, variable } from "../src/variables/define";
import { matching } from "../src/variables/rules";

/** Every variable of the bootstrap stack. */
export function bootstrapVariables(scope: Construct) {
  return {
    region: variable(scope, "aws_region", "string", {
      description: "AWS region of the state bucket, and the only one that the deploy role may work in.",
      default: "us-west-2",
      rules: REGION_RULES,
    }).stringValue,

    appName: variable(scope, "app_name", "string", {
      description: "app_name of the deployment: the roles may touch only what is named after it.",
      default: "time-series-analyzer",
      rules: [
        ...APP_NAME_RULES,
        {
          holds: '!startswith(var.app_name, "terraform")',
          must: "not start with terraform, as the names of the state bucket and of the roles do, because the deploy role would have power over them",
        },
      ],
    }).stringValue,

    stateBucketName: optionalVariable(scope, "state_bucket_name", "string", {
      description: "Name of the state bucket. Default: terraform-state-<account id>-<region>.",
      rules: [
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
        matching(
          "state_bucket_name",
          "[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
          "be 3 to 63 lower-case letters, digits and hyphens",
        ),
        {
          holds: '!startswith(var.state_bucket_name, "${var.app_name}-")',
          must: "not start with the name of the application, because the deploy role may delete such buckets",
        },
      ],
    }),

    stateKey: variable(scope, "state_key", "string", {
      description: "Key of the state in the bucket, as STATE_KEY says when the stack is synthesized.",
      default: "time-series-analyzer/terraform.tfstate",
    }).stringValue,

    frontendBucketName: optionalVariable(scope, "frontend_bucket_name", "string", {
      description: "frontend_bucket_name of the deployment, where it sets one.",
    }),

    githubRepository: optionalVariable(scope, "github_repository", "string", {
      description:
        "The repository that may use the roles, as GitHub writes it in its tokens: owner@id/name@id, or owner/name for a repository from before July 2026 that has not opted in. Default: none, and no roles.",
      rules: [
        matching(
          "github_repository",
          "[A-Za-z0-9-]+/[A-Za-z0-9._-]+|[A-Za-z0-9-]+@[0-9]+/[A-Za-z0-9._-]+@[0-9]+",
          "be owner/name, or owner@id/name@id",
        ),
      ],
    }),

    githubBranch: variable(scope, "github_branch", "string", {
      description:
        "The branch that is deployed. Besides pull requests, only it may plan. Another than main must be changed in .github/workflows too.",
      default: "main",
      rules: [matching("github_branch", "[A-Za-z0-9._/-]+", "be the name of a branch")],
    }).stringValue,

    githubEnvironment: variable(scope, "github_environment", "string", {
      description:
        "The GitHub environment that may deploy. Another than production must be changed in .github/workflows too.",
      default: "production",
      rules: [
        matching(
          "github_environment",
          "[A-Za-z0-9._-]+",
          "be letters, digits, dots, hyphens and underscores",
        ),
      ],
    }).stringValue,

    createOidcProvider: variable(scope, "create_oidc_provider", "bool", {
      description:
        "Whether to tell AWS about GitHub's tokens. An account knows an issuer once: false where it knows GitHub already.",
      default: true,
    }),
  };
}
