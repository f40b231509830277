import Table from "cli-table3";
import type { Output } from "./terraform";

/** The outputs as a table, sorted by name. Sensitive ones are named but not shown. */
export function outputsTable(outputs: Readonly<Record<string, Output>>): string {
  const table = new Table({ head: ["Output", "Value"], style: { head: [], border: [] } });
  for (const [name, output] of Object.entries(outputs).sort(([a], [b]) => a.localeCompare(b, "en"))) {
    table.push([name, describe(output)]);
  }
  return table.toString();
}

function describe({ value, sensitive }: Output): string {
  if (sensitive) return "(sensitive)";
  if (typeof value === "string") return value;
  return Array.isArray(value) ? value.map(String).join("\n") : JSON.stringify(value);
}
