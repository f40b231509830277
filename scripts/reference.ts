import { readFileSync } from "node:fs";
import { format, resolveConfig } from "prettier";
import { changesTable } from "./changes-table";
import { inputTables, type OutputBlock, outputTable, type VariableBlock } from "./reference-tables";

export const README = "README.md";
export const UPGRADING = "docs/upgrading.md";

/** What the README shows of the synthesized stack. */
interface StackJson {
  readonly variable: Readonly<Record<string, VariableBlock>>;
  readonly output: Readonly<Record<string, OutputBlock>>;
}

/** The README with its tables of inputs and outputs made anew from the stack. */
export async function withReference(readme: string, { variable, output }: StackJson): Promise<string> {
  const tables = {
    inputs: inputTables(variable, readFileSync("terraform.tfvars.example", "utf8")),
    outputs: outputTable(output),
  };

  return withTables(readme, README, tables);
}

/** The guide to upgrading with its table made anew from the reasons that `npm run adopt` gives. */
export async function withChanges(guide: string): Promise<string> {
  return withTables(guide, UPGRADING, { changes: changesTable() });
}

async function withTables(text: string, file: string, tables: Readonly<Record<string, string>>) {
  const options = { ...(await resolveConfig(file)), filepath: file };
  let result = text;
  for (const [name, content] of Object.entries(tables)) {
    const marked = new RegExp(`(<!-- ${name} -->).*(<!-- /${name} -->)`, "s");
    if (!marked.test(result)) {
      throw new Error(
        `${file} has no place for the ${name}: put <!-- ${name} --> and <!-- /${name} --> there`,
      );
    }
    const table = await format(content, options);
    result = result.replace(marked, (_, start: string, end: string) => `${start}\n\n${table}\n${end}`);
  }
  return result;
}
