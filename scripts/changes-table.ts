import { IN_PLACE, type Traits } from "../adopt/changes";
import { table } from "./reference-tables";

type Reason = (typeof IN_PLACE)[string][string];

/** More names than this say less than their number. */
const NAMED = 4;

/** Markdown table of everything that a takeover changes in place, one row for each reason. */
export function changesTable(): string {
  const rows = new Map<
    string,
    { why: string; where: string; attributes: Set<string>; resources: string[] }
  >();
  for (const [resource, reasons] of Object.entries(IN_PLACE)) {
    for (const [attribute, reason] of Object.entries(reasons)) {
      const why = typeof reason === "string" ? reason : reason.why;
      const where = whereOf(reason);
      const key = `${why} ${where}`;
      const row = rows.get(key) ?? { why, where, attributes: new Set(), resources: [] };
      rows.set(key, row);
      row.attributes.add(attribute);
      if (!row.resources.includes(resource)) row.resources.push(resource);
    }
  }
  return table(
    ["Resource", "Attribute", "Why", "Where"],
    [...rows.values()].map(({ why, where, attributes, resources }) => [
      resources.length > NAMED ? `${resources.length} resources` : resources.map(code).join(", "),
      [...attributes].map(code).join(", "),
      why,
      where,
    ]),
  );
}

function whereOf(reason: Reason): string {
  if (typeof reason === "string") return "everywhere";
  const environments: Traits["environment"][] = ["dev", "staging", "prod"];
  const plain = environments.filter((environment) => reason.when({ environment, https: false }));
  if (plain.length > 0) return plain.join(", ");
  return "with HTTPS";
}

function code(text: string): string {
  return `\`${text}\``;
}
