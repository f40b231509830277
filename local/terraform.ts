import { randomBytes } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { run, type Finished } from "./child-process";
import {
  assertLoopback,
  cleanEnvironment,
  emulatorCredentials,
  type AccessKeys,
  type Environment,
} from "./environment";
import {
  findProvider,
  keepDownload,
  requiredProviderVersion,
  writeMirrorConfiguration,
} from "./provider-mirror";
import {
  describeDiagnostic,
  TerraformEvents,
  type Diagnostic,
  type PlannedChange,
  type Progress,
} from "./terraform-events";

export interface TerraformOptions {
  /** The stack directory: the one with cdk.tf.json. */
  readonly directory: string;
  /** The emulator, for example `http://127.0.0.1:5000`. Any other machine is refused. */
  readonly endpoint: string;
  /**
   * `AWS_REGION`, which only counts where the stack names no region.
   *
   * @default us-west-2
   */
  readonly region?: string;
  /**
   * Credentials for the emulator.
   *
   * @default - those of an administrator
   */
  readonly keys?: AccessKeys;
  /** Further environment variables of Terraform. */
  readonly settings?: Environment;
  /** Aborting interrupts the command that runs, and refuses the next ones. */
  readonly signal?: AbortSignal | undefined;
}

/** Values of the stack's variables, for one command. */
export interface Values {
  /** Files for `-var-file`. Absolute, or relative to the stack directory. */
  readonly varFiles?: readonly string[];
  /**
   * Single values, which win over the files. Lists, objects and null are fine.
   * They reach Terraform in a file that only this user can read, never in the command line.
   */
  readonly variables?: Readonly<Record<string, unknown>>;
}

export interface ApplyOptions extends Values {
  /** Called whenever a change starts, goes on or ends. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Called with every line of Terraform's events, as `terraform apply -json` prints them. */
  readonly onLine?: ((line: string) => void) | undefined;
  /**
   * How many changes may run side by side.
   *
   * @default - Terraform's own, 10
   */
  readonly parallelism?: number | undefined;
}

export interface Plan {
  /** Resources that would change. Empty when there is nothing to do. */
  readonly changes: readonly PlannedChange[];
  /** Outputs that would change. */
  readonly outputChanges: readonly string[];
  /** Warnings. */
  readonly diagnostics: readonly Diagnostic[];
  /** The saved plan, a zip archive in the stack directory. Terraform reads it: see `show()`. */
  readonly file: string;
}

/** All of a plan, as in `terraform show -json`. */
export type PlanJson = Readonly<Record<string, unknown>>;

/** One output, as in `terraform output -json`. */
export interface Output {
  readonly value: unknown;
  readonly sensitive: boolean;
}

/** What makes Terraform ask nobody, and call nobody. */
export const UNATTENDED = { TF_INPUT: "0", TF_IN_AUTOMATION: "1", CHECKPOINT_DISABLE: "1" };

/** Terraform failed. The message holds its own diagnostics. */
export class TerraformError extends Error {
  override readonly name = "TerraformError";

  constructor(
    readonly command: string,
    readonly diagnostics: readonly Diagnostic[],
    output: string,
  ) {
    const errors = diagnostics.filter(({ severity }) => severity === "error").map(describeDiagnostic);
    super(
      `terraform ${command} failed:\n\n${errors.length > 0 ? errors.join("\n\n") : withoutFrame(output)}`,
    );
  }
}

/** Terraform in one directory. What it reaches is up to the environment that it runs in. */
export abstract class TerraformCommands {
  /** Where Terraform finds providers, when that is not its own business. */
  protected cliConfiguration: Environment = {};

  /** Milliseconds that an interrupted Terraform may take to write down what it has done. */
  protected readonly graceMs: number | undefined;

  protected constructor(
    protected readonly directory: string,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** The whole environment that Terraform sees. */
  abstract get environment(): Environment;

  /**
   * Initializes the backend and installs the provider, from a mirror where there is one.
   *
   * @param args - Further arguments, for example `-reconfigure`.
   */
  async init(...args: string[]): Promise<void> {
    const { directory } = this;
    const version = await requiredProviderVersion(directory);
    const source = await findProvider({ version });
    if (source.kind === "mirror") {
      this.cliConfiguration = {
        TF_CLI_CONFIG_FILE: await writeMirrorConfiguration(directory, source.directory),
      };
    } else if (source.kind === "terraform" && source.configFile) {
      this.cliConfiguration = { TF_CLI_CONFIG_FILE: source.configFile };
    }
    await this.run(["init", ...args]);
    if (source.kind === "download") await keepDownload(directory, version);
  }

  /**
   * Applies the stack, or a plan that was saved before.
   *
   * @param options.plan - A plan of `plan()`. Pass the same values again: ephemeral ones are not in it.
   */
  async apply(options: ApplyOptions & { readonly plan?: Plan } = {}): Promise<readonly Diagnostic[]> {
    const { plan, parallelism } = options;
    const args = ["-auto-approve", ...(parallelism === undefined ? [] : [`-parallelism=${parallelism}`])];
    const target = plan ? [plan.file] : [];
    return (await this.stream("apply", args, options, target, plan?.changes.length)).diagnostics;
  }

  /** Destroys everything in the state. */
  async destroy(options: ApplyOptions = {}): Promise<readonly Diagnostic[]> {
    return (await this.stream("destroy", ["-auto-approve"], options)).diagnostics;
  }

  /**
   * Plans, and saves the plan.
   *
   * @param args - Further arguments, for example `-refresh-only`.
   */
  async plan(values: Values = {}, ...args: string[]): Promise<Plan> {
    const file = join(this.directory, `${randomBytes(4).toString("hex")}.tfplan`);
    const { planned, outputChanges, diagnostics } = await this.stream(
      "plan",
      [`-out=${file}`, ...args],
      values,
    );
    return { changes: planned, outputChanges, diagnostics, file };
  }

  /** All that a plan says, values included. Starts the provider once more, so ask only for what `plan()` leaves out. */
  async show({ file }: Plan): Promise<PlanJson> {
    return JSON.parse((await this.run(["show", "-json", file])).stdout) as PlanJson;
  }

  /** Every output. */
  async outputs(): Promise<Record<string, Output>> {
    return JSON.parse((await this.run(["output", "-json"])).stdout) as Record<string, Output>;
  }

  /** One output, as `terraform output -raw` prints it. */
  async output(name: string): Promise<string> {
    return (await this.run(["output", "-raw", name])).stdout;
  }

  /** The addresses in the state. */
  async stateList(): Promise<string[]> {
    const { stdout } = await this.run(["state", "list"]);
    return stdout.split("\n").filter(Boolean);
  }

  /**
   * Runs any Terraform command.
   *
   * @param options.allowFailure - Whether an exit code other than 0 is a result rather than an error.
   */
  async run(
    args: readonly [string, ...string[]],
    options: Values & { readonly allowFailure?: boolean } = {},
  ): Promise<Finished> {
    return this.withValues(options, async (valueArguments) => {
      const result = await this.terraform([...args, ...valueArguments]);
      if (result.exitCode !== 0 && !options.allowFailure) {
        throw new TerraformError(args[0], [], result.stderr || result.stdout);
      }
      return result;
    });
  }

  /** Runs a command that changes or plans, and follows its events. `target` comes last, after the values. */
  private async stream(
    command: string,
    args: readonly string[],
    options: ApplyOptions,
    target: readonly string[] = [],
    total?: number,
  ): Promise<TerraformEvents> {
    const events = new TerraformEvents(Date.now, total);
    return this.withValues(options, async (valueArguments) => {
      const result = await this.terraform(
        [command, "-json", ...args, ...valueArguments, ...target],
        (line) => {
          options.onLine?.(line);
          const progress = events.add(line);
          if (progress) options.onProgress?.(progress);
        },
      );
      if (result.exitCode !== 0) throw new TerraformError(command, events.diagnostics, result.stderr);
      return events;
    });
  }

  private async terraform(args: readonly string[], onLine?: (line: string) => void): Promise<Finished> {
    const { directory, signal, graceMs } = this;
    return run("terraform", args, { cwd: directory, env: this.environment, signal, graceMs, onLine });
  }

  private async withValues<T>(values: Values, use: (args: readonly string[]) => Promise<T>): Promise<T> {
    const files = (values.varFiles ?? []).map((file) => `-var-file=${file}`);
    if (!values.variables) return use(files);
    const file = join(this.directory, `${randomBytes(4).toString("hex")}.tfvars.json`);
    await writeFile(file, JSON.stringify(values.variables), { mode: 0o600 });
    try {
      return await use([...files, `-var-file=${file}`]);
    } finally {
      await rm(file, { force: true });
    }
  }
}

/** Terraform in one stack directory, against one emulator, in an environment of its own. */
export class Terraform extends TerraformCommands {
  /** What Terraform's AWS provider, the AWS CLI and the SDKs need to reach the emulator. */
  readonly credentials: Environment;
  private readonly settings: Environment;

  constructor(options: TerraformOptions) {
    super(options.directory, options.signal);
    this.settings = options.settings ?? {};
    assertLoopback(options.endpoint);
    this.credentials = emulatorCredentials(options.endpoint, options.region ?? "us-west-2", options.keys);
  }

  override get environment(): Environment {
    return {
      ...cleanEnvironment(),
      ...this.credentials,
      ...this.cliConfiguration,
      ...this.settings,
      ...UNATTENDED,
    };
  }
}

/** Terraform's human output without its colours and the frame that it draws around messages. */
export function withoutFrame(output: string): string {
  return stripVTControlCharacters(output)
    .replace(/^[╷│╵] ?/gm, "")
    .trim();
}
