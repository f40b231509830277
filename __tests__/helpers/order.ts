import type { Block } from "./synth";

/** Resources that must be done before `address`, by reference or `depends_on`, however far away. */
export function doneBefore(json: Block, address: string, found = new Set<string>()): Set<string> {
  const [type = "", id = ""] = address.split(".");
  const text = JSON.stringify(json.resource[type]?.[id] ?? {});
  for (const [next] of text.matchAll(/\baws_\w+\.\w+/g)) {
    if (next !== address && !found.has(next) && !text.includes(`data.${next}`)) {
      doneBefore(json, next, found.add(next));
    }
  }
  return found;
}
