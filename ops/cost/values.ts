import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { rulesOfStack } from "../../check/rules";
import { evaluate } from "../../check/terraform";
import { tfvarsFiles } from "../../check/tfvars-files.mjs";
import { Problem } from "../problem";

/** The inputs that decide what a month costs, as they are in force: the variable, or what the profile says. */
export interface Values {
  readonly environment: string;
  readonly aws_region: string;
  readonly public_subnet_cidrs: readonly string[];
  readonly single_nat_gateway: boolean;
  readonly backend_desired_count: number;
  readonly backend_max_count: number;
  /** CPU units: 1024 are one vCPU. */
  readonly backend_cpu: number;
  /** MiB. */
  readonly backend_memory: number;
  readonly backend_cpu_architecture: "X86_64" | "ARM64";
  readonly use_fargate_spot: boolean;
  readonly db_instance_class: string;
  /** GiB. */
  readonly db_allocated_storage: number;
  readonly db_multi_az: boolean;
  readonly enable_flow_logs: boolean;
  readonly enable_waf: boolean;
  /** Null where only AWS knows: on where the bucket of an existing deployment is there. */
  readonly enable_frontend_hosting: boolean | null;
}

export interface ValuesOptions {
  /** Directory whose tfvars files are read, and that `varFiles` are relative to. */
  readonly directory: string;
  /** More files: a later one wins. */
  readonly varFiles: readonly string[];
  /** Where `TF_VAR_…` is looked for. */
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/**
 * Reads the values as `terraform plan` would, and lets Terraform choose between variable and profile.
 *
 * @throws Problem when Terraform cannot make sense of them.
 */
export async function readValues({
  directory,
  varFiles,
  environment,
  signal,
}: ValuesOptions): Promise<Values> {
  const files = [...tfvarsFiles(directory), ...varFiles].map((file) => resolve(directory, file));
  const absent = files.find((file) => !existsSync(file));
  if (absent) throw new Problem(`${absent} does not exist.`, "Name a file that is there.");

  const { variable, locals } = rulesOfStack();
  // The secrets stay where they are: a variable that is not declared is not read.
  const names = Object.keys(variable).filter((name) => !variable[name]?.sensitive);
  const configuration = {
    variable: Object.fromEntries(names.map((name) => [name, { ...variable[name], validation: undefined }])),
    locals,
  };
  const inForce = names.map((name) => `${name} = ${name in locals ? "local" : "var"}.${name}`);
  try {
    return (await evaluate(
      configuration,
      `{ ${inForce.join(", ")} }`,
      files,
      variablesOf(environment),
      signal,
    )) as Values;
  } catch (error) {
    signal?.throwIfAborted();
    throw new Problem((error as Error).message, "See what is wrong with them: npm run check");
  }
}

function variablesOf(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      name.startsWith("TF_VAR_") && value !== undefined ? [[name, value]] : [],
    ),
  );
}
