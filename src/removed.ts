import type { TerraformStack } from "cdktf";

/** What is in the state of the older stack, has no place in this one, and must stay in AWS. */
const KEPT_IN_AWS = [
  // They hold the secrets in plain. Taken over at their address they would be replaced, and for a moment
  // the secret would have no value: see src/constructs/secret.ts.
  "aws_secretsmanager_secret_version.api_key",
  "aws_secretsmanager_secret_version.database_url",
  "aws_secretsmanager_secret_version.db_credentials",
];

/**
 * Makes Terraform forget resources of the older stack rather than destroy them. Says nothing to a
 * deployment that never had them.
 */
export function forgetOlderResources(stack: TerraformStack): void {
  stack.addOverride(
    "removed",
    KEPT_IN_AWS.map((from) => ({ from, lifecycle: [{ destroy: false }] })),
  );
}
