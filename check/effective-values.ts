import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { PROFILES } from "../src/profiles";
import { type CheckOptions, variablesOf } from "./check";
import type { Rules } from "./rules";
import { evaluate } from "./terraform";

/** The values in force: what the files say, then the profile of `environment`, then the defaults. No secret. */
export interface EffectiveValues {
  readonly aws_region: string;
  readonly app_name: string;
  readonly environment: string;
  readonly public_subnet_cidrs: readonly string[];
  readonly azs: readonly string[] | null;
  readonly single_nat_gateway: boolean;
  readonly enable_ssl: boolean;
  readonly ssl_certificate_arn: string;
  readonly backend_cpu: number;
  readonly backend_cpu_architecture: "X86_64" | "ARM64";
  readonly backend_desired_count: number;
  readonly backend_image_tag: string;
  readonly backend_max_count: number;
  readonly use_fargate_spot: boolean;
  readonly db_engine_version: string;
  readonly db_instance_class: string;
  readonly db_multi_az: boolean;
  readonly db_storage_type: string;
  readonly enable_frontend_hosting: boolean | null;
  readonly frontend_certificate_arn: string;
}

/**
 * Lets Terraform evaluate the values, as it would for a plan.
 *
 * @throws when they cannot be read, or one has the wrong type: `check` says which.
 */
export async function effectiveValues(options: CheckOptions): Promise<EffectiveValues> {
  const { rules, directory, files, environment } = options;
  const contents = await Promise.all(
    files.map(async (name) => ({
      content: await readFile(resolve(directory, name), "utf8"),
      isJson: name.endsWith(".json"),
    })),
  );
  const { values } = await evaluate(configurationOf(rules), contents, variablesOf(environment));
  return values as EffectiveValues;
}

/** A configuration without provider and resources whose output holds every value that is no secret. */
function configurationOf({ variable }: Rules): object {
  const plain = Object.entries(variable).filter(([, { sensitive }]) => !sensitive);
  return {
    variable: Object.fromEntries(
      Object.entries(variable).map(([name, block]) => [
        name,
        {
          ...block,
          validation: undefined,
          ephemeral: undefined,
          ...(!("default" in block) && { default: null, nullable: true }),
        },
      ]),
    ),
    locals: { profiles: PROFILES },
    output: {
      values: {
        value: Object.fromEntries(plain.map(([name]) => [name, `\${${inForce(name)}}`])),
      },
    },
  };
}

function inForce(name: string): string {
  return name in PROFILES.dev
    ? `coalesce(var.${name}, local.profiles[var.environment].${name})`
    : `var.${name}`;
}
