import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { configurationOf } from "./configuration";
import type { Finding } from "./finding";
import { nearest } from "./known-names";
import { parseFile, type ParsedFile, type Setting } from "./parsed-file";
import type { Rules, Variable } from "./rules";
import { type Diagnostic, plan } from "./terraform";

export interface CheckOptions {
  readonly rules: Rules;
  /** What relative names of files are relative to. */
  readonly directory: string;
  /** Files in the order in which Terraform reads them. */
  readonly files: readonly string[];
  /** Where `TF_VAR_…` is looked for. */
  readonly environment: NodeJS.ProcessEnv;
}

const PREFIX = "TF_VAR_";

/** Everything that is to be said about the values: wrong ones, unknown names, names that are set twice. */
export async function check({ rules, directory, files, environment }: CheckOptions): Promise<Finding[]> {
  const parsed = await Promise.all(
    files.map(async (name) => parseFile(name, await readFile(resolve(directory, name), "utf8"))),
  );
  const fromEnvironment = Object.entries(environment).flatMap(([key, value]) =>
    key.startsWith(PREFIX) && value !== undefined ? [[key, value] as const] : [],
  );

  const diagnostics = await plan(
    configurationOf(rules),
    parsed.map(({ name, readable }) => ({ content: readable, isJson: name.endsWith(".json") })),
    Object.fromEntries(fromEnvironment),
  );
  const places = placesOf(
    parsed,
    fromEnvironment.map(([key]) => key),
  );
  const isBroken = parsed.some((file) => file.isBroken);
  const shortened = parsed.flatMap(({ name, settings }) => shortenedNumbers(name, settings, rules));
  const answered = new Set([
    ...shortened.map(({ variable }) => variable),
    ...parsed.flatMap(({ settings }) => settings.filter((each) => each.isReference).map(({ name }) => name)),
  ]);
  return [
    ...parsed.flatMap(({ findings }) => findings),
    ...parsed.flatMap(({ name, settings }) => unknownNames(name, settings, rules)),
    ...shortened,
    ...misspeltEnvironment(
      fromEnvironment.map(([key]) => key),
      rules,
    ),
    ...findingsOf(diagnostics, rules)
      .filter(({ variable = "" }) => !answered.has(variable))
      // The value may stand where nothing can be read.
      .filter(({ message }) => !(isBroken && / must be set\. /.test(message)))
      .map((finding) => ({ ...finding, ...places.get(finding.variable ?? "") })),
    ...setInTwoFiles(parsed),
  ];
}

function unknownNames(source: string, settings: readonly Setting[], { variable }: Rules): Finding[] {
  const known = Object.keys(variable);
  return settings
    .filter(({ name }) => !(name in variable))
    .map(({ name, line }) => {
      const meant = nearest(name, known);
      const remedy = meant ? `Did you mean ${meant}?` : "The inputs are listed in README.md.";
      return {
        severity: "error",
        source,
        line,
        variable: name,
        message: `${name} is no variable: Terraform would go on without it. ${remedy}`,
      };
    });
}

/** Numbers that Terraform would make another text of: 15.10 becomes "15.1". */
function shortenedNumbers(source: string, settings: readonly Setting[], { variable }: Rules): Finding[] {
  return settings.flatMap(({ name, line, number }) => {
    const isText = variable[name]?.type === "string" && !variable[name].sensitive;
    if (!isText || number === undefined || String(Number(number)) === number) return [];
    const message = `${name} must be in quotes, because Terraform reads ${number} as ${Number(number)}. Write "${number}".`;
    return [{ severity: "error", source, line, variable: name, message }];
  });
}

/** Terraform ignores what it does not know, and another project may need it: so only what looks like a slip. */
function misspeltEnvironment(keys: readonly string[], { variable }: Rules): Finding[] {
  return keys.flatMap((key) => {
    const name = key.slice(PREFIX.length);
    const meant = name in variable ? undefined : nearest(name, Object.keys(variable));
    if (!meant) return [];
    return [{ severity: "warning", source: key, message: `${name} is no variable. Did you mean ${meant}?` }];
  });
}

function setInTwoFiles(files: readonly ParsedFile[]): Finding[] {
  const names = new Set(files.flatMap(({ settings }) => settings.map(({ name }) => name)));
  return [...names].flatMap((variable) => {
    const where = files.filter(({ settings }) => settings.some(({ name }) => name === variable));
    if (where.length < 2) return [];
    const sources = where.map(({ name }) => name);
    const message = `${variable} is set in ${sources.join(" and ")}. Terraform takes it from ${sources.at(-1)}.`;
    return [{ severity: "note", variable, message }];
  });
}

/** Where each variable is set, in the place that wins. */
function placesOf(files: readonly ParsedFile[], environment: readonly string[]) {
  const places = new Map<string, Pick<Finding, "source" | "line">>();
  for (const key of environment) places.set(key.slice(PREFIX.length), { source: key });
  for (const { name: source, settings } of files) {
    for (const { name, line } of settings) places.set(name, { source, line });
  }
  return places;
}

interface Spoken {
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly variable?: string;
  /** The other variables that the rule refers to. */
  readonly refersTo: readonly string[];
}

/** What Terraform says, without what follows from something else that it says. */
function findingsOf(diagnostics: readonly Diagnostic[], rules: Rules): Finding[] {
  const spoken = diagnostics.flatMap((diagnostic): Spoken[] => {
    const { severity, detail, summary, context } = diagnostic;
    if (summary === "Value for undeclared variable" || summary === "Values for undeclared variables")
      return [];
    const type = /not suitable for var\.(\w+)\b.*?: (.*)\.$/s.exec(detail);
    if (type) {
      const [, variable = "", reason = ""] = type;
      return [
        { severity, variable, refersTo: [], message: wrongType(variable, reason, rules.variable[variable]) },
      ];
    }
    const variable = /^(\w+) (must|should) /.exec(detail)?.[1];
    if (variable === undefined || !(variable in rules.variable)) {
      return [{ severity, refersTo: [], message: `${summary}. ${detail}` }];
    }
    return [{ severity, variable, refersTo: referencesOf(context, rules, variable), message: detail }];
  });
  const wrong = new Set(spoken.flatMap(({ severity, variable }) => (severity === "error" ? [variable] : [])));
  return spoken
    .filter(({ severity, variable, refersTo }) =>
      severity === "error"
        ? !refersTo.some((other) => wrong.has(other))
        : // A warning adds nothing to an error.
          !wrong.has(variable),
    )
    .map(({ severity, variable, message }) => ({ severity, message, ...(variable && { variable }) }));
}

function wrongType(name: string, reason: string, variable: Variable | undefined): string {
  const types: Record<string, string> = { number: "a number", bool: "true or false", string: "a text" };
  const type = variable?.type ?? "";
  const must = types[type] ?? `a ${type}`;
  // For the plain types Terraform's reason says the same again.
  return type in types ? `${name} must be ${must}.` : `${name} must be ${must}: ${reason}.`;
}

/** The other variables that a rule refers to. */
function referencesOf(context: string | undefined, rules: Rules, subject: string): string[] {
  const [, owner = "", index = ""] = /^output\.(\w+)_(\d+)\./.exec(context ?? "") ?? [];
  const condition = rules.variable[owner]?.validation?.[Number(index)]?.condition ?? "";
  const names = condition.replace(/var\.\w+ == null \? true : /g, "").matchAll(/\bvar\.(\w+)/g);
  return [...new Set([...names].map(([, name = ""]) => name))].filter((name) => name !== subject);
}
