import { readFileSync } from "node:fs";
import { Testing } from "cdktf";
import { format, resolveConfig } from "prettier";
import { TimeSeriesAnalyzerStack } from "../src/stack";
import { inputTables, outputTable } from "./reference-tables";

export const README = "README.md";

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

  let text = readme;
  for (const [name, content] of Object.entries(tables)) {
    const marked = new RegExp(`(<!-- ${name} -->).*(<!-- /${name} -->)`, "s");
    if (!marked.test(text)) {
      throw new Error(
        `README.md has no place for the ${name}: put <!-- ${name} --> and <!-- /${name} --> there`,
      );
    }
    text = text.replace(marked, (_, start: string, end: string) => `${start}\n\n${content}\n\n${end}`);
  }
  return format(text, { ...(await resolveConfig(README)), filepath: README });
}
