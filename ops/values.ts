import { join, resolve } from "node:path";
import { check, type CheckOptions } from "../check/check";
import type { Finding } from "../check/finding";
import { rulesOfStack } from "../check/rules";
import { tfvarsFiles } from "../check/tfvars-files.mjs";
import { readValues, type Values } from "./cost/values";

/** The values in force: what the files say, then the profile of `environment`, then the defaults. No secret. */
export interface EffectiveValues extends Values {
  readonly app_name: string;
  readonly azs: readonly string[] | null;
  readonly enable_ssl: boolean;
  readonly ssl_certificate_arn: string;
  readonly backend_image_tag: string;
  readonly db_engine_version: string;
  readonly db_skip_final_snapshot: boolean;
  readonly db_storage_type: string;
  readonly frontend_certificate_arn: string;
  /** Days: 0, or 7 to 30. */
  readonly secret_recovery_window_in_days: number;
}

/**
 * The values of a stack directory. They lie where the state does: in the project's root, three directories
 * above `cdktf.out/stacks/<stack>`.
 */
export class StackValues {
  private readonly options: CheckOptions;

  constructor(stackDirectory: string) {
    const directory = resolve(stackDirectory, "../../..");
    this.options = {
      rules: rulesOfStack(),
      directory,
      files: tfvarsFiles(directory),
      environment: process.env,
    };
  }

  /** Names of the files, as the user would name them. */
  get names(): readonly string[] {
    return this.options.files;
  }

  /** The files for `-var-file`, absolute. */
  get files(): string[] {
    return this.names.map((name) => join(this.options.directory, name));
  }

  /** Everything that is to be said about the values. */
  async findings(): Promise<Finding[]> {
    return check(this.options);
  }

  /**
   * The values in force, without secrets.
   *
   * @throws Problem when they cannot be read.
   */
  async effective(signal: AbortSignal): Promise<EffectiveValues> {
    const { directory, environment } = this.options;
    // All that is no secret is read, more than an estimate of the cost needs.
    return (await readValues({ directory, varFiles: [], environment, signal })) as EffectiveValues;
  }
}
