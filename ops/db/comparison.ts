import type { Contents } from "./contents";
import type { Database } from "./database";

/** One thing that was compared. */
export interface Compared {
  readonly what: string;
  readonly original: string;
  readonly restored: string;
  readonly same: boolean;
}

/** What is compared from outside: what RDS says of the two. */
export function compareInstances(original: Database, restored: Database): Compared[] {
  const row = (what: string, of: (database: Database) => string | number | boolean | undefined): Compared => {
    const [a, b] = [String(of(original)), String(of(restored))];
    return { what, original: a, restored: b, same: a === b };
  };
  return [
    row("engine version", ({ engineVersion }) => engineVersion),
    row("allocated storage (GiB)", ({ instance }) => instance.AllocatedStorage),
    row("encrypted", ({ instance }) => instance.StorageEncrypted),
    row("database", ({ name }) => name),
    row("master user", ({ username }) => username),
  ];
}

/** What is compared from inside: the tables. The rows are what the planner believes; nobody counted them. */
export function compareContents(original: Contents, restored: Contents): Compared[] {
  const rows = (contents: Contents) =>
    String(contents.tables.reduce((sum, { estimatedRows }) => sum + (estimatedRows ?? 0), 0));
  const restoredNames = new Set(restored.tables.map(({ name }) => name));
  const missing = original.tables.filter(({ name }) => !restoredNames.has(name)).map(({ name }) => name);
  const compare = (what: string, a: string, b: string): Compared => ({
    what,
    original: a,
    restored: b,
    same: a === b,
  });
  return [
    compare("tables", String(original.tables.length), String(restored.tables.length)),
    compare("tables that are missing", "none", missing.join(", ") || "none"),
    compare("rows, estimated", rows(original), rows(restored)),
    compare("bytes", String(original.bytes), String(restored.bytes)),
  ];
}

/**
 * Why a restored database is no proof of a good backup, or `undefined` when it is one. Differences in numbers are
 * what was written since the snapshot.
 */
export function flawOf(original: Contents, restored: Contents): string | undefined {
  if (original.tables.length > 0 && restored.tables.length === 0) {
    return "The restored database is empty, and the original is not.";
  }
  return undefined;
}
