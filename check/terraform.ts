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
  return diagnosticsOf(await terraform(["plan"], configuration, values, environment));
}

/**
 * Applies such a configuration, which makes nothing but its outputs.
 *
 * @throws when Terraform finds an error.
 */
export async function evaluate(
  configuration: object,
  values: readonly ValuesFile[],
  environment: Environment,
): Promise<Readonly<Record<string, unknown>>> {
  const events = await terraform(["apply", "-auto-approve"], configuration, values, environment);
  // The plan tells of the outputs too, but not what they are.
  const outputs = events.findLast(({ type }) => type === "outputs")?.outputs ?? {};
  if (events.some(({ diagnostic }) => diagnostic?.severity === "error")) {
    throw new Error("the values cannot be evaluated: npm run check says why");
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
}

async function terraform(
  command: readonly string[],
  configuration: object,
  values: readonly ValuesFile[],
  environment: Environment,
): Promise<Event[]> {
  // Only this user can read it: the values hold secrets.
  const directory = await mkdtemp(join(tmpdir(), "check-"));
  try {
    await writeFile(join(directory, "main.tf.json"), JSON.stringify(configuration, null, 1));
    const files = values.map(({ isJson }, index) => `values-${index}.tfvars${isJson ? ".json" : ""}`);
    await Promise.all(
      values.map(({ content }, index) =>
        writeFile(join(directory, files[index] ?? ""), content, { mode: 0o600 }),
      ),
    );
    const { stdout, stderr } = await run(
      "terraform",
      [...command, "-json", "-lock=false", "-input=false", ...files.map((file) => `-var-file=${file}`)],
      { cwd: directory, env: { ...cleanEnvironment(), ...environment, CHECKPOINT_DISABLE: "1" } },
    );
    const events = eventsOf(stdout);
    if (!events.some(({ type }) => type === "version")) {
      throw new Error(`terraform ${command[0]} failed:\n${stderr}`);
    }
    return events;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Event {
  readonly type?: string;
  readonly diagnostic?: Omit<Diagnostic, "context"> & { readonly snippet?: { readonly context?: string } };
  readonly outputs?: Readonly<Record<string, { readonly value?: unknown }>>;
}

function eventsOf(stdout: string): Event[] {
  return stdout.split("\n").flatMap((line): Event[] => {
    try {
      return [JSON.parse(line) as Event];
    } catch {
      return [];
    }
  });
}

function diagnosticsOf(events: readonly Event[]): Diagnostic[] {
  return events.flatMap(({ diagnostic }) => {
    if (!diagnostic) return [];
    const { snippet, severity, summary, detail } = diagnostic;
    return [{ severity, summary, detail, ...(snippet?.context && { context: snippet.context }) }];
  });
}
