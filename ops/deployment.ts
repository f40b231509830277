import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Output } from "../local/terraform";
import { UserTerraform } from "../local/user-terraform";
import { Problem } from "./problem";

export interface DeploymentOptions {
  /** The stack directory: the one with cdk.tf.json. Absolute, or relative to the project's root. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** What is deployed, as `terraform output` tells. */
export class Deployment {
  constructor(private readonly outputs: Readonly<Record<string, Output>>) {}

  /** Region that everything runs in. */
  get region(): string {
    return this.text("aws_region");
  }

  /**
   * The value of an output.
   *
   * @throws Problem when the deployment has no such output.
   */
  text(name: string): string {
    const value = this.outputs[name]?.value;
    if (typeof value !== "string") throw missing(name);
    return value;
  }
}

/** Terraform in the stack directory, initialized. */
export async function stackTerraform({ directory, signal }: DeploymentOptions): Promise<UserTerraform> {
  const stackDirectory = resolve(import.meta.dirname, "..", directory);
  if (!existsSync(join(stackDirectory, "cdk.tf.json"))) {
    throw new Problem(`There is no stack in ${directory}.`, "Synthesize it: npm run synth");
  }
  const terraform = new UserTerraform({ directory: stackDirectory, signal });
  if (!existsSync(join(stackDirectory, ".terraform"))) await terraform.init();
  return terraform;
}

/**
 * Reads what is deployed.
 *
 * @throws Problem when nothing is.
 */
export async function readDeployment(options: DeploymentOptions): Promise<Deployment> {
  const outputs = await (await stackTerraform(options)).outputs();
  if (Object.keys(outputs).length === 0) {
    throw new Problem(
      `Nothing is deployed, as the state of ${options.directory} has it.`,
      "Deploy: npx cdktf deploy\nWhere the state is in a bucket, set STATE_BUCKET as for the deployment, and synthesize: npm run synth",
    );
  }
  return new Deployment(outputs);
}

function missing(output: string): Problem {
  return new Problem(
    `The deployment has no output ${output}: another version of this project made it.`,
    "Deploy once more: npx cdktf deploy",
  );
}
