import type { ResourceChange } from "./plan";

/** The variable behind an attribute that cannot be changed in place. */
const VARIABLES: Readonly<Record<string, string>> = {
  "aws_db_instance.db_name": "db_name",
  "aws_db_instance.identifier": "app_name",
  "aws_db_instance.username": "db_username",
  "aws_ecr_repository.name": "app_name",
  "aws_ecs_cluster.name": "app_name",
  "aws_ecs_service.name": "app_name",
  "aws_s3_bucket.bucket": "app_name or environment",
  "aws_subnet.availability_zone": "azs",
  "aws_subnet.cidr_block": "public_subnet_cidrs or private_subnet_cidrs",
  "aws_vpc.cidr_block": "vpc_cidr",
};

/** Attributes that are named after `app_name` wherever they are. */
const NAMES = ["name", "family", "name_prefix"];

/** Whether a plan would replace a resource only because it would replace another one. */
export function isConsequence({ change: { replace_paths = [], after_unknown } }: ResourceChange): boolean {
  return replace_paths.length > 0 && replace_paths.every(([attribute = ""]) => after_unknown[attribute]);
}

/** Why a plan would replace or destroy a resource, most likely, and what to do about it. */
export function likelyCause(resource: ResourceChange): string {
  const { action_reason: reason, deposed, change } = resource;
  if (deposed)
    return "left over of a replacement that was interrupted: finish that with the older project first";
  switch (reason) {
    case "replace_because_tainted":
      return 'marked as broken in the state: "terraform untaint" it in the older project, or replace it there';
    case "delete_because_count_index":
    case "delete_because_wrong_repetition":
      return "the values give fewer of these than the state has: compare azs, public_subnet_cidrs, private_subnet_cidrs, enable_ssl and enable_frontend_hosting";
    case "delete_because_no_resource_config":
      return "this project has no such resource";
  }
  const paths = (change.replace_paths ?? []).map(([attribute]) => String(attribute));
  if (isConsequence(resource)) return `its ${paths.join(", ")} would change with another resource`;
  if (paths.length === 0) return "look at it in the plan: run the command again with --keep";
  return [...new Set(paths)].map((attribute) => describe(resource, attribute)).join("; ");
}

/** A resource that is in the state and that the plan would make a second time. */
export const LOST =
  "in the state but not in AWS: the credentials are of another account, or somebody deleted it by hand";

function describe({ type, change: { before, after } }: ResourceChange, attribute: string): string {
  const variable = VARIABLES[`${type}.${attribute}`] ?? (NAMES.includes(attribute) ? "app_name" : undefined);
  if (!variable) return `${attribute} differs and cannot be changed in place`;
  const [old, planned] = [before?.[attribute], after?.[attribute]];
  const values = typeof planned === "string" ? ` (${String(old)}, the values give ${planned})` : "";
  return `${attribute} differs from the state${values}: look at ${variable}`;
}
