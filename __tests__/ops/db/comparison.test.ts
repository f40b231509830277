import { describe, expect, it } from "vitest";
import { formatBytes } from "../../../ops/db/bytes";
import { compareContents, flawOf } from "../../../ops/db/comparison";
import type { Contents } from "../../../ops/db/contents";

const contents = (...tables: [string, number | null][]): Contents => ({
  serverVersion: "15.14",
  bytes: 1000,
  tables: tables.map(([name, estimatedRows]) => ({ name, estimatedRows, bytes: 10 })),
});

describe("a comparison", () => {
  it("names the tables that the restored database does not have", () => {
    const rows = compareContents(contents(["public.a", 2], ["public.b", null]), contents(["public.a", 1]));

    expect(rows).toEqual([
      { what: "tables", original: "2", restored: "1", same: false },
      { what: "tables that are missing", original: "none", restored: "public.b", same: false },
      { what: "rows, estimated", original: "2", restored: "1", same: false },
      { what: "bytes", original: "1000", restored: "1000", same: true },
    ]);
  });

  it("finds fault with an empty database where there should be tables, and with nothing else", () => {
    expect(flawOf(contents(["public.a", 1]), contents())).toContain("is empty");
    expect(flawOf(contents(["public.a", 1]), contents(["public.a", 0]))).toBeUndefined();
    expect(flawOf(contents(), contents())).toBeUndefined();
  });
});

describe("bytes", () => {
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1536, "1.5 KiB"],
    [20 * 1024 ** 3, "20.0 GiB"],
    [250 * 1024 ** 2, "250 MiB"],
  ])("%i are %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});
