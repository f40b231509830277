import { join, resolve } from "node:path";
import { check, type CheckOptions } from "../check/check";
import { type EffectiveValues, effectiveValues } from "../check/effective-values";
import type { Finding } from "../check/finding";
import { rulesOfStack } from "../check/rules";
import { tfvarsFiles } from "../check/tfvars-files.mjs";

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
   * @throws when they cannot be read.
   */
  async effective(): Promise<EffectiveValues> {
    return effectiveValues(this.options);
  }
}
