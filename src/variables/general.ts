import { type Construct } from "constructs";
import { ENVIRONMENTS } from "../profiles";
import { variable } from "./define";
import { matching, oneOf } from "./rules";

/** Where it runs and what it is called. */
export function generalVariables(scope: Construct) {
  return {
    region: variable(scope, "aws_region", "string", {
      description: "AWS region of every resource.",
      default: "us-west-2",
      rules: [
        matching(
          "aws_region",
          "[a-z]{2}(-[a-z]+)+-[0-9]",
          "the name of an AWS region, for example us-west-2",
        ),
      ],
    }).stringValue,

    environment: variable(scope, "environment", "string", {
      description:
        "Profile: dev is cheap and easy to throw away, staging and prod protect data. Handed to the application as ENVIRONMENT.",
      default: "dev",
      rules: [oneOf("environment", ENVIRONMENTS)],
    }).stringValue,

    appName: variable(scope, "app_name", "string", {
      description:
        "Prefix of resource names: at most 21 lower-case letters, digits and hyphens. Changing it later replaces everything.",
      default: "time-series-analyzer",
      rules: [
        // The longest derived name with a limit is the target group's: 32 characters with "-backend-tg".
        matching(
          "app_name",
          "[a-z]([a-z0-9]|-[a-z0-9]){0,20}",
          "1 to 21 lower-case letters, digits and single hyphens that start with a letter and end with a letter or digit",
        ),
        {
          condition: '${length(var.app_name) <= 21 && !startswith(var.app_name, "internal-")}',
          errorMessage:
            'app_name must have at most 21 characters and not start with internal-, because the load balancer and its target group are named after it, got "${var.app_name}" (${length(var.app_name)} characters).',
        },
      ],
    }).stringValue,

    tags: variable(scope, "tags", "map(string)", {
      description: "Tags for every resource, beside Project, Environment and ManagedBy.",
      default: {},
    }).value as Record<string, string>,
  };
}
