import { describe, expect, it } from "vitest";
import { readHcl } from "./hcl";

describe("readHcl", () => {
  it.each([
    ['${jsonencode({"a" = 1, "b" = [true, null, "x"]})}', { a: 1, b: [true, null, "x"] }],
    ['{ a = var.x, b = "${var.y}-z" }', { a: "${var.x}", b: "${var.y}-z" }],
    ['{"key"="value"}', { key: "value" }],
    ['concat([1], [f("a, ]"), 2])', [1, '${f("a, ]")}', 2]],
    ["[for i, x in var.list : { n = 1 + i }]", [{ for: "i, x", in: "${var.list}", each: { n: "${1 + i}" } }]],
    [
      "[for p in var.ssl ? [80, 443] : [80] : p]",
      [{ for: "p", in: "${var.ssl ? [80, 443] : [80]}", each: "${p}" }],
    ],
    ['{ a = "say \\"hi\\"" }', { a: 'say "hi"' }],
    ['{ a = "x" == y, b = 2 }', { a: '${"x" == y}', b: 2 }],
    ['{ a = "${join(",", ["}"])}", b = 1 }', { a: '${join(",", ["}"])}', b: 1 }],
  ])("reads %s", (text, value) => {
    expect(readHcl(text)).toEqual(value);
  });

  it("refuses what it cannot read to the end", () => {
    expect(() => readHcl("{ a = 1 } }")).toThrow("cannot read }");
  });
});
