/** A `variable` block of the synthesized JSON. */
export interface VariableBlock {
  readonly type: string;
  readonly description: string;
  readonly default?: unknown;
}

/** An `output` block of the synthesized JSON. */
export interface OutputBlock {
  readonly description: string;
  readonly sensitive?: boolean;
}

/**
 * Markdown tables of every variable, in the order and under the headings of terraform.tfvars.example.
 * Throws when the example names a variable that is not there.
 */
export function inputTables(variables: Readonly<Record<string, VariableBlock>>, example: string): string {
  const sections = example.split(/^# --- (.*?) -+$/m).slice(1);
  const tables: string[] = [];
  for (let i = 0; i < sections.length; i += 2) {
    const names = [...(sections[i + 1] ?? "").matchAll(/^(?:# )?(\w+) *= /gm)].map(([, name = ""]) => name);
    const rows = names.map((name) => {
      const variable = variables[name];
      if (!variable) {
        throw new Error(`terraform.tfvars.example sets ${name}, which is not a variable`);
      }
      return [code(name), code(variable.type), defaultOf(variable), variable.description];
    });
    tables.push(`### ${sections[i]}\n\n${table(["Variable", "Type", "Default", "What it is"], rows)}`);
  }
  return tables.join("\n\n");
}

/** Markdown table of every output, in the order of the JSON. */
export function outputTable(outputs: Readonly<Record<string, OutputBlock>>): string {
  const rows = Object.entries(outputs).map(([name, { description, sensitive }]) => [
    code(name),
    sensitive ? "yes" : "",
    description,
  ]);
  return table(["Output", "Sensitive", "What it is"], rows);
}

function defaultOf(variable: VariableBlock): string {
  if (!("default" in variable)) return "required";
  return variable.default === null ? "decided for you" : code(JSON.stringify(variable.default));
}

function code(text: string): string {
  return `\`${text}\``;
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
