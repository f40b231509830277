import type { Values } from "./values";
import { describeFiles } from "./values";

/**
 * The one `terraform.tfvars` of this project: a single file as it stands, comments and all, several ones
 * merged as Terraform would. `undefined` when there is nothing to write.
 *
 * @param added - Values that the older project did not have.
 */
export function tfvarsForThisProject(
  values: Values,
  added: Readonly<Record<string, unknown>>,
): string | undefined {
  const additions = Object.entries(added).map(([name, value]) => assignment(name, value));
  const note = additions.length > 0 ? ["", "# Added by npm run adopt.", ...additions] : [];
  const [only, ...others] = values.files;
  if (!only) return note.length > 0 ? lines(note.slice(1)) : undefined;
  if (others.length === 0 && !only.file.endsWith(".json")) {
    return note.length > 0 ? `${only.text.trimEnd()}\n${lines(note)}` : only.text;
  }

  const merged = Object.assign({}, ...values.files.map((file) => file.values)) as Record<string, unknown>;
  return lines([
    `# From ${describeFiles(values)} of the older project.`,
    ...Object.entries(merged).map(([name, value]) => assignment(name, value)),
    ...note,
  ]);
}

/** JSON is a literal of Terraform's language too, but for templates and two escapes. */
function assignment(name: string, value: unknown): string {
  const literal = JSON.stringify(value)
    .replaceAll("${", "$${")
    .replaceAll("%{", "%%{")
    .replace(/\\\\|\\([bf])/g, (escape, letter) => ({ b: "\\u0008", f: "\\u000c" })[letter as "b"] ?? escape);
  return `${name} = ${literal}`;
}

function lines(all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}
