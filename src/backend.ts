import { LocalBackend, S3Backend, type TerraformStack } from "cdktf";

/** Where Terraform keeps the state: a file beside the project, or an S3 bucket. */
export type StateLocation = { readonly kind: "local" } | S3StateLocation;

interface S3StateLocation {
  readonly kind: "s3";
  readonly bucket: string;
  readonly key: string;
  readonly region: string;
}

/**
 * Reads the location of the state from the environment: the only input of synthesis, because
 * Terraform takes no variable there.
 *
 * - `STATE_BUCKET`: S3 bucket. Without it the state is a local file.
 * - `STATE_KEY`: object key. Default `time-series-analyzer/terraform.tfstate`.
 * - `STATE_REGION`: region of the bucket. Default `us-west-2`.
 *
 * Throws when a value cannot be what it says.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export function stateLocation(env: NodeJS.ProcessEnv): StateLocation {
  const bucket = env.STATE_BUCKET;
  if (!bucket) {
    const orphan = ["STATE_KEY", "STATE_REGION"].find((name) => env[name]);
    if (orphan) {
      throw new Error(
        `${orphan} is set but STATE_BUCKET is not: set STATE_BUCKET to the bucket of the state, or unset ${orphan} for a local state`,
      );
    }
    return { kind: "local" };
  }

  const key = env.STATE_KEY || "time-series-analyzer/terraform.tfstate";
  const region = env.STATE_REGION || "us-west-2";
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw new Error(
      `STATE_BUCKET must be the name of an S3 bucket (3 to 63 lower-case letters, digits, dots and hyphens, without s3://), got "${bucket}"`,
    );
  }
  if (key.startsWith("/") || key.endsWith("/")) {
    throw new Error(`STATE_KEY must be an object key that neither starts nor ends with "/", got "${key}"`);
  }
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) {
    throw new Error(`STATE_REGION must be an AWS region, for example us-west-2, got "${region}"`);
  }
  return { kind: "s3", bucket, key, region };
}

/** Gives `stack` its backend. */
export function defineBackend(stack: TerraformStack, location: StateLocation): void {
  if (location.kind === "local") {
    // Relative, and outside cdktf.out: cdktf's default writes this machine's directory into the JSON,
    // and a state inside cdktf.out would go with the next clean-up.
    new LocalBackend(stack, { path: `../../../terraform.${stack.node.id}.tfstate` });
    return;
  }

  const { bucket, key, region } = location;
  new S3Backend(stack, { bucket, key, region, encrypt: true });
  // S3's own conditional writes lock the state, no DynamoDB table. cdktf has no property for it yet.
  stack.addOverride("terraform.backend.s3.use_lockfile", true);
}
