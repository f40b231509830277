import { distance } from "fastest-levenshtein";

/** The known name that is most like `name`, if one is: a slip or two of the keyboard, or a part of it. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const plain = simplify(name);
  const ranked = known
    .map((candidate) => ({ candidate, slips: distance(plain, simplify(candidate)) }))
    .sort((a, b) => a.slips - b.slips);
  const [best] = ranked;
  if (best && best.slips <= Math.max(2, Math.floor(plain.length / 4))) return best.candidate;
  return ranked.find(({ candidate }) => {
    const words = new Set(candidate.split("_"));
    return name
      .toLowerCase()
      .split(/[_-]/)
      .every((word) => words.has(word));
  })?.candidate;
}

/** Upper case, hyphens, camel case and a word written out are slips that count for nothing. */
function simplify(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replaceAll("-", "_")
    .replace(/^database_/, "db_");
}
