import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import type { Variable } from "../../check/rules";
import { run } from "../../local/child-process";
import { cleanEnvironment } from "../../local/environment";
import type { Values } from "./corpus";

type Variables = Readonly<Record<string, Variable>>;

/** A set of values, and the variables that it is given to. */
export interface Case {
  readonly variables: Variables;
  readonly values: Values;
}

/** What Terraform says of one set of values. */
export interface Answer {
  /** Messages of rules that do not hold. */
  readonly rules: readonly string[];
  /** Other errors, with their details. */
  readonly others: readonly string[];
}

/** How many sets one plan looks at: enough that Terraform's start costs little, few enough for its graph. */
const CASES_AT_ONCE = 60;

/**
 * Plans with each set of values, in the real Terraform. One plan takes many sets, each with
 * variables of its own: `docs/decisions/0012-rules.md` says what that saves.
 */
export async function answers(cases: readonly Case[]): Promise<Answer[]> {
  const chunks = Array.from({ length: Math.ceil(cases.length / CASES_AT_ONCE) }, (_, i) =>
    cases.slice(i * CASES_AT_ONCE, (i + 1) * CASES_AT_ONCE),
  );
  const results: Answer[][] = [];
  const next = chunks.entries();
  const worker = async () => {
    for (const [index, chunk] of next) results[index] = await onePlan(chunk);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results.flat();
}

/**
 * The variables that values have to do with: those that are set, those whose rules refer to one of them, and
 * all that these refer to. No other can have anything to say about the values.
 */
export function concernedBy(values: Values, variables: Variables): Variables {
  const refersTo = (name: string) => {
    const text = JSON.stringify(variables[name]?.validation ?? []);
    return [...text.matchAll(/\bvar\.(\w+)/g)].map(([, other = ""]) => other);
  };
  const given = Object.keys(values);
  const names = new Set([
    ...given,
    ...Object.keys(variables).filter((name) => refersTo(name).some((other) => given.includes(other))),
  ]);
  for (const name of names) refersTo(name).forEach((other) => names.add(other));
  return Object.fromEntries(Object.entries(variables).filter(([name]) => names.has(name)));
}

interface Event {
  readonly type: string;
  readonly diagnostic?: {
    readonly severity: string;
    readonly summary: string;
    readonly detail: string;
    readonly range?: { readonly filename: string };
  };
}

async function onePlan(cases: readonly Case[]): Promise<Answer[]> {
  const directory = await mkdtemp(path.join(tmpdir(), "rules-"));
  const write = (file: string, content: string) => writeFile(path.join(directory, file), content);
  try {
    // Files of their own, because a diagnostic says which file it is about.
    for (const [index, { variables, values }] of cases.entries()) {
      await write(`case_${index}.tf.json`, prefixed(`case_${index}_`, variables));
      await write(
        `case_${index}.auto.tfvars.json`,
        JSON.stringify(escaped(prefixedKeys(`case_${index}_`, values))),
      );
    }
    const { stdout, stderr } = await run("terraform", ["plan", "-json", "-input=false", "-lock=false"], {
      cwd: directory,
      env: { ...cleanEnvironment(), CHECKPOINT_DISABLE: "1" },
    });
    return answersIn(stdout, cases.length, stderr);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function prefixedKeys(prefix: string, values: Readonly<Record<string, unknown>>): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]));
}

/** The blocks of variables with other names, which their rules refer to. */
function prefixed(prefix: string, variables: Variables): string {
  const text = JSON.stringify({ variable: prefixedKeys(prefix, variables) }, null, 1);
  return text.replace(/\bvar\.(?=\w)/g, `var.${prefix}`);
}

function answersIn(stdout: string, count: number, stderr: string): Answer[] {
  const result = Array.from({ length: count }, () => ({ rules: [] as string[], others: [] as string[] }));
  const events = stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Event);
  let errors = 0;
  for (const { diagnostic } of events) {
    if (diagnostic?.severity !== "error") continue;
    errors++;
    const { summary, detail, range } = diagnostic;
    const answer = result[Number(/^case_(\d+)[./]/.exec(range?.filename ?? "")?.[1])];
    if (!answer) throw new Error(`Terraform says of no case in particular: ${summary}\n${detail}\n${stderr}`);
    if (summary === "Invalid value for variable") {
      answer.rules.push(detail.replace(/\n\nThis was checked by .*$/s, ""));
    } else {
      answer.others.push(`${summary}: ${detail}`);
    }
  }
  if (errors === 0 && !events.some(({ type }) => type === "change_summary")) {
    throw new Error(`Terraform did not plan:\n${stderr}`);
  }
  return result;
}

/** Text is a template in a tfvars file. */
function escaped(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll("${", "$${").replaceAll("%{", "%%{"));
}
