import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { hclParser } from "../check/hcl";
import { tfvarsFiles } from "../check/tfvars-files.mjs";
import { Problem } from "./problem";

/** One file of values. */
export interface ValueFile {
  readonly file: string;
  readonly text: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** The values of the older project, as Terraform would take them. */
export interface Values {
  /** In Terraform's order: a later file wins. */
  readonly files: readonly ValueFile[];
  /** `TF_VAR_…`: every file wins over them. They are not copied. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Reads the files that Terraform reads by itself in `directory`, then the given ones. */
export async function readValues(
  directory: string,
  varFiles: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<Values> {
  const files = tfvarsFiles(directory).map((name) => join(directory, name));
  const all = [...files, ...varFiles];
  const missing = all.find((file) => !existsSync(file));
  if (missing) throw new Problem(`--var-file must name a file, but there is no ${missing}`);
  return { files: await Promise.all(all.map(readValueFile)), environment: fromEnvironment(environment) };
}

/** Where a `--var-file` is: where the user is, or else in the older project, as Terraform would take it there. */
export function findVarFile(file: string, cwd: string, directory: string): string {
  const here = resolve(cwd, file);
  return existsSync(here) ? here : resolve(directory, file);
}

/** The value that counts for each variable. */
export function effective({ files, environment }: Values): Record<string, unknown> {
  return Object.assign({}, environment, ...files.map(({ values }) => values)) as Record<string, unknown>;
}

async function readValueFile(file: string): Promise<ValueFile> {
  const text = await readFile(file, "utf8");
  try {
    return { file, text, values: file.endsWith(".json") ? JSON.parse(text) : await parseTfvars(text) };
  } catch (error) {
    // The parser's own words give line and column. Its text is not shown: it could hold a secret.
    const position = /:(\d+),/.exec(String(error))?.[1];
    throw new Problem(
      `${file} cannot be read as ${file.endsWith(".json") ? "JSON" : "values of Terraform"}` +
        (position ? `: look at line ${position}` : ""),
    );
  }
}

async function parseTfvars(text: string): Promise<Record<string, unknown>> {
  const { parse } = await hclParser();
  return unescape(await parse("values.tfvars", text)) as Record<string, unknown>;
}

/** The parser leaves `$${` and `%%{` as they are written. Terraform reads `${` and `%{`. */
function unescape(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/([$%])\1\{/g, "$1{");
  if (Array.isArray(value)) return value.map(unescape);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, unescape(each)]));
}

function fromEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (name.startsWith("TF_VAR_") && value !== undefined) found[name.slice("TF_VAR_".length)] = value;
  }
  return found;
}

/** Names of the files, for a reader. */
export function describeFiles({ files }: Values): string {
  return files.map(({ file }) => basename(file)).join(", ");
}
