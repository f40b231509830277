import type { getExpressionAst } from "@cdktf/hcl2json";
import type { Finding } from "./finding";
import { hclParser } from "./hcl";

/** One `name = value` of a tfvars file. */
export interface Setting {
  readonly name: string;
  readonly line: number;
  /** The value as it is written, where it is a number: `15.10`. */
  readonly number?: string;
  /** Whether the value refers to something, calls a function, or is a word without quotes. */
  readonly isReference: boolean;
}

/** What a tfvars file holds. */
export interface ParsedFile {
  /** As the user would name it. */
  readonly name: string;
  /** Every setting, in order. A name that is set twice is there twice. */
  readonly settings: readonly Setting[];
  /** The same settings without those that Terraform would stop at, so that the others can be checked. */
  readonly readable: string;
  /** What keeps Terraform from reading it. */
  readonly findings: readonly Finding[];
  /** Whether nothing of it can be read. */
  readonly isBroken: boolean;
}

type Node = NonNullable<Awaited<ReturnType<typeof getExpressionAst>>>;

/**
 * Reads a tfvars file, in HCL or in JSON.
 *
 * Either is the inside of an HCL object, and as one the parser tells where each setting stands and does not
 * stop at a name that is set twice, as it does in a file.
 */
export async function parseFile(name: string, content: string): Promise<ParsedFile> {
  const text = content.replace(/^\uFEFF/, "");
  const isJson = name.endsWith(".json");
  const error = isJson ? jsonError(text) : await hclError(name, text);
  if (error) {
    const finding = { severity: "error", source: name, ...error } as const;
    return { name, settings: [], readable: isJson ? "{}" : "", findings: [finding], isBroken: true };
  }

  const object = Buffer.from(isJson ? text : `{\n${text}\n}`);
  const { getExpressionAst } = await hclParser();
  const tree = await getExpressionAst(name, object.toString()).catch(() => undefined);
  if (!tree) {
    const message = "Only settings, name = value, may stand in it: no blocks, and one setting a line.";
    const finding = { severity: "error", source: name, message } as const;
    return { name, settings: [], readable: isJson ? "{}" : "", findings: [finding], isBroken: true };
  }
  const entries = entriesOf(tree, object, isJson ? 1 : 0);
  return {
    name,
    settings: entries,
    readable: readable(object, entries, isJson),
    findings: [...setTwice(name, entries), ...references(name, entries)],
    isBroken: false,
  };
}

interface Entry extends Setting {
  /** Where the name begins, in bytes. */
  readonly at: number;
}

function entriesOf(tree: Node, object: Buffer, firstLine: number): Entry[] {
  const children = tree.children as Node[];
  return children.flatMap((key, index) => {
    const value = children[index + 1];
    if (index % 2 === 1 || !value) return [];
    const { start, end } = key.range;
    const meta = value.meta as { type?: string; value?: string } | undefined;
    return [
      {
        name: object.subarray(start.byte, end.byte).toString().replace(/^"|"$/g, ""),
        line: object.subarray(0, start.byte).toString().split("\n").length - 1 + firstLine,
        at: start.byte,
        ...(meta?.type === "number" && meta.value && { number: meta.value }),
        isReference: refers(value),
      },
    ];
  });
}

function refers(node: Node): boolean {
  return /traversal|function/i.test(node.type) || (node.children as Node[]).some(refers);
}

function setTwice(source: string, entries: readonly Entry[]): Finding[] {
  return entries.flatMap(({ name, line }, index) => {
    const first = entries.slice(0, index).find((earlier) => earlier.name === name);
    if (!first) return [];
    const message = `${name} must be set once, and line ${first.line} sets it too. Remove one of the two.`;
    return [{ severity: "error", source, line, variable: name, message }];
  });
}

function references(source: string, entries: readonly Entry[]): Finding[] {
  return entries
    .filter(({ isReference }) => isReference)
    .map(({ name, line }) => ({
      severity: "error",
      source,
      line,
      variable: name,
      message: `${name} must be a plain value, without functions or references. Put text in quotes.`,
    }));
}

/** The settings that Terraform can read: the last of each name, with a plain value. */
function readable(object: Buffer, entries: readonly Entry[], isJson: boolean): string {
  const last = new Map(entries.map((entry) => [entry.name, entry]));
  const kept = entries.filter((entry) => last.get(entry.name) === entry && !entry.isReference);
  if (isJson) {
    const values = JSON.parse(object.toString()) as Record<string, unknown>;
    return JSON.stringify(Object.fromEntries(kept.map(({ name }) => [name, values[name]])));
  }
  // Each reaches to the next, and the last to the bracket.
  return kept
    .map((entry) => object.subarray(entry.at, entries[entries.indexOf(entry) + 1]?.at ?? object.length - 1))
    .join("");
}

function jsonError(text: string): Pick<Finding, "message" | "line"> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return undefined;
    return { message: "It must hold one JSON object, { … }.", line: 1 };
  } catch (error) {
    // The parser's own message quotes the text, and a secret may be in it.
    const position = /position (\d+)/.exec(String(error))?.[1];
    const before = text.slice(0, position === undefined ? text.length : Number(position));
    return { message: "It is no valid JSON from here on.", line: before.split("\n").length };
  }
}

async function hclError(name: string, text: string): Promise<Pick<Finding, "message" | "line"> | undefined> {
  const { parse } = await hclParser();
  try {
    await parse(name, text);
    return undefined;
  } catch (error) {
    // "parse config: [FILE:LINE,COLUMN-…: Summary; Detail …]": the first says most.
    const found = /:(\d+),[\d,-]+: ([^;]+); (.*?)(?= \S+:\d+,\d|\]$)/s.exec(String((error as Error).message));
    const [, line, summary = "It cannot be read", detail = ""] = found ?? [];
    if (summary === "Attribute redefined") return undefined;
    return { message: `${summary}. ${detail}`.trim(), ...(line && { line: Number(line) }) };
  }
}
