import type { Block } from "./synth";

/** A resource, a data source, an ephemeral resource or a local, as expressions and `depends_on` name it. */
const REFERENCE = /\b(?:(?:data|ephemeral)\.)?(?:aws|terraform)_\w+\.\w+|\blocal\.\w+/g;

/** What must be done before `address`, by reference or `depends_on`, however far away. */
export function doneBefore(json: Block, address: string, found = new Set<string>()): Set<string> {
  for (const [next] of JSON.stringify(blockAt(json, address)).matchAll(REFERENCE)) {
    if (next !== address && !found.has(next)) doneBefore(json, next, found.add(next));
  }
  return found;
}

function blockAt(json: Block, address: string): Block {
  const [kind = "", ...path] = address.split(".");
  if (kind === "local") return json.locals[path[0] as string];
  const [type = "", id = ""] = kind === "data" || kind === "ephemeral" ? path : [kind, ...path];
  const blocks = kind === "data" || kind === "ephemeral" ? json[kind] : json.resource;
  return blocks[type]?.[id] ?? {};
}
