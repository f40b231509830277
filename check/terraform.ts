import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../local/child-process";
import { cleanEnvironment, type Environment } from "../local/environment";

/** An error or a warning of Terraform. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly summary: string;
  readonly detail: string;
  /** The block that it is about, for example `output.db_port_0.precondition[0]`. */
  readonly context?: string;
}

/** A tfvars file as Terraform is to read it. */
export interface ValuesFile {
  readonly content: string;
  readonly isJson: boolean;
}

/**
 * Plans a configuration that has no provider: no initialization, no network, no AWS.
 *
 * @param values - Files of values: a later one wins.
 * @param environment - `TF_VAR_…` of the user.
 */
export async function plan(
  configuration: object,
  values: readonly ValuesFile[],
  environment: Environment,
): Promise<Diagnostic[]> {
  return inDirectoryOf(configuration, async (directory) => {
    const files = values.map(({ isJson }, index) => `values-${index}.tfvars${isJson ? ".json" : ""}`);
    await Promise.all(
      values.map(({ content }, index) =>
        writeFile(join(directory, files[index] ?? ""), content, { mode: 0o600 }),
      ),
    );
    const { stdout, stderr } = await run(
      "terraform",
      ["plan", "-json", "-lock=false", "-input=false", ...files.map((file) => `-var-file=${file}`)],
      { cwd: directory, env: { ...cleanEnvironment(), ...environment, CHECKPOINT_DISABLE: "1" } },
    );
    return diagnosticsOf(stdout, stderr);
  });
}

/**
 * The value of an expression in a configuration that has no provider.
 *
 * @param files - Absolute names of files of values: a later one wins.
 * @param environment - `TF_VAR_…` of the user.
 * @throws when Terraform cannot tell it. Not with its words: a line of the files may be in them, and a secret there.
 */
export async function evaluate(
  configuration: object,
  expression: string,
  files: readonly string[],
  environment: Environment,
  signal?: AbortSignal,
): Promise<unknown> {
  return inDirectoryOf(configuration, async (directory) => {
    const { exitCode, stdout } = await run(
      "terraform",
      ["console", ...files.map((file) => `-var-file=${file}`)],
      {
        cwd: directory,
        env: { ...cleanEnvironment(), ...environment, CHECKPOINT_DISABLE: "1" },
        input: `jsonencode(${expression})\n`,
        signal,
      },
    );
    if (exitCode !== 0) throw new Error("Terraform cannot evaluate the values.");
    // Warnings stand before the value, and the console shows the text of jsonencode as a text.
    const value = stdout.trimEnd().split("\n").at(-1) ?? "";
    return JSON.parse(JSON.parse(value) as string);
  });
}

/** Calls `use` with a directory that holds a configuration, and removes it afterwards. */
async function inDirectoryOf<Result>(
  configuration: object,
  use: (directory: string) => Promise<Result>,
): Promise<Result> {
  // Only this user can read it: the values hold secrets.
  const directory = await mkdtemp(join(tmpdir(), "check-"));
  try {
    await writeFile(join(directory, "main.tf.json"), JSON.stringify(configuration, null, 1));
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Event {
  readonly type?: string;
  readonly diagnostic?: Omit<Diagnostic, "context"> & { readonly snippet?: { readonly context?: string } };
}

function diagnosticsOf(stdout: string, stderr: string): Diagnostic[] {
  const events = stdout.split("\n").flatMap((line): Event[] => {
    try {
      return [JSON.parse(line) as Event];
    } catch {
      return [];
    }
  });
  if (!events.some(({ type }) => type === "version")) throw new Error(`terraform plan failed:\n${stderr}`);
  return events.flatMap(({ diagnostic }) => {
    if (!diagnostic) return [];
    const { snippet, severity, summary, detail } = diagnostic;
    return [{ severity, summary, detail, ...(snippet?.context && { context: snippet.context }) }];
  });
}
