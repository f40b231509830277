import { type Construct } from "constructs";
import { PARTITIONS } from "../lib/regions";
import { ENVIRONMENTS } from "../profiles";
import { type Rule, variable } from "./define";
import { every, literal, matches, matching, oneOf } from "./rules";

/** Tags that the stack sets itself. */
const OWN_TAGS = ["Project", "Environment", "ManagedBy", "Name"];

/** What AWS's services take in the key or value of a tag. */
const TAG_TEXT = "[\\p{L}\\p{Z}\\p{N}_.:/=+@-]";

/** Tags that AWS allows for each resource. */
const MAX_TAGS = 50;

export const REGION_RULES: readonly Rule[] = [
  {
    holds: `contains(${JSON.stringify(Object.keys(PARTITIONS))}, var.aws_region)`,
    must: "be the name of an AWS region that the AWS provider knows, for example us-west-2",
  },
];

export const APP_NAME_RULES: readonly Rule[] = [
  // Of all the names made from it, the database's identifier is the strictest: a letter first, no "--".
  matching(
    "app_name",
    "[a-z]([a-z0-9]|-[a-z0-9])*",
    "be lower-case letters, digits and single hyphens that start with a letter and end with a letter or digit",
  ),
  {
    // The shortest limit of all names is the target group's: 32 characters, with "-backend-tg".
    holds: "length(var.app_name) <= 21",
    must: "have at most 21 characters, because AWS allows 32 for the target group <app_name>-backend-tg",
    remedy: "Take ${max(length(var.app_name) - 21, 0)} away.",
  },
  {
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    holds: `!${matches("var.app_name", "(internal|sthree|amzn-s3-demo)-.*")}`,
    must: "not start with internal-, sthree- or amzn-s3-demo-, which AWS keeps from load balancers and buckets",
  },
];

/** Where it runs and what it is called. */
export function generalVariables(scope: Construct) {
  return {
    region: variable(scope, "aws_region", "string", {
      description: "AWS region of every resource.",
      default: "us-west-2",
      rules: REGION_RULES,
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
      rules: APP_NAME_RULES,
    }).stringValue,

    tags: variable(scope, "tags", "map(string)", {
      description: "Tags for every resource, beside Project, Environment and ManagedBy.",
      default: {},
      rules: [
        {
          holds: every("key, value", "var.tags", "value != null"),
          must: "have a value for every key",
          remedy: 'Write "" for a tag without a value.',
        },
        {
          holds: every(
            "key, value",
            "var.tags",
            `${matches("key", `${TAG_TEXT}{1,128}`)} && ${matches("value", `${TAG_TEXT}{0,256}`)}`,
          ),
          must: "have keys of 1 to 128 and values of at most 256 letters, digits, spaces and _ . : / = + - @",
        },
        {
          holds: every("key, value", "var.tags", 'trimspace(key) == key && !startswith(lower(key), "aws:")'),
          must: "have keys that neither start nor end with a space, nor start with aws:",
        },
        {
          holds: every(
            "key, value",
            "var.tags",
            `!contains(${JSON.stringify(OWN_TAGS.map((tag) => tag.toLowerCase()))}, lower(key))`,
          ),
          must: `not set ${OWN_TAGS.slice(0, -1).join(", ")} or ${OWN_TAGS.at(-1)} in upper or lower case, because the stack does`,
        },
        {
          holds: "length(distinct([for key, value in var.tags : lower(key)])) == length(var.tags)",
          must: "have keys that differ in more than upper and lower case, which IAM does not tell apart",
        },
        {
          holds: `length(var.tags) <= ${MAX_TAGS - OWN_TAGS.length}`,
          must: `hold at most ${MAX_TAGS - OWN_TAGS.length} tags, because AWS allows ${MAX_TAGS} and the stack sets ${OWN_TAGS.length}`,
        },
      ],
    }).value as Record<string, string>,
  };
}

/** Terraform expression for the partition of `aws_region`. */
export const PARTITION_OF_REGION = `lookup(${literal(
  Object.fromEntries(Object.entries(PARTITIONS).filter(([, partition]) => partition !== "aws")),
)}, var.aws_region, "aws")`;
