import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** A variable as the synthesized stack declares it. */
export interface Variable {
  readonly type: string;
  readonly default?: unknown;
}

/** What the synthesized stack says about itself. */
export interface Configuration {
  readonly variables: Readonly<Record<string, Variable>>;
  /** Resources that it has a place for, those included that it forgets. Without index. */
  readonly resources: ReadonlySet<string>;
}

interface StackFile {
  readonly variable: Readonly<Record<string, Variable>>;
  readonly resource: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly removed?: readonly { readonly from: string }[];
}

/** Reads the synthesized stack in a directory. */
export async function readConfiguration(stackDirectory: string): Promise<Configuration> {
  return configurationOf(
    JSON.parse(await readFile(join(stackDirectory, "cdk.tf.json"), "utf8")) as StackFile,
  );
}

/** What a synthesized stack says about itself. */
export function configurationOf(stack: StackFile): Configuration {
  const declared = Object.entries(stack.resource).flatMap(([type, byName]) =>
    Object.keys(byName).map((name) => `${type}.${name}`),
  );
  const removed = (stack.removed ?? []).map(({ from }) => from);
  return { variables: stack.variable, resources: new Set([...declared, ...removed]) };
}
