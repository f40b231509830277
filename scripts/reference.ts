import { readFileSync } from "node:fs";
import { Testing } from "cdktf";
import { format, resolveConfig } from "prettier";
import { TimeSeriesAnalyzerStack } from "../src/stack";
import { changesTable } from "./changes-table";
import { inputTables, outputTable } from "./reference-tables";

export const README = "README.md";
export const UPGRADING = "docs/upgrading.md";

/** The README with its tables of inputs and outputs made anew from the stack. */
export async function withReference(readme: string): Promise<string> {
  const stack = new TimeSeriesAnalyzerStack(Testing.app(), "time-series-analyzer", {
    state: { kind: "local" },
  });
  const { variable, output } = JSON.parse(Testing.synth(stack));
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
  let result = text;
  for (const [name, content] of Object.entries(tables)) {
    const marked = new RegExp(`(<!-- ${name} -->).*(<!-- /${name} -->)`, "s");
    if (!marked.test(result)) {
      throw new Error(
        `${file} has no place for the ${name}: put <!-- ${name} --> and <!-- /${name} --> there`,
      );
    }
    result = result.replace(marked, (_, start: string, end: string) => `${start}\n\n${content}\n\n${end}`);
  }
  return format(result, { ...(await resolveConfig(file)), filepath: file });
}
