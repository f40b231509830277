import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { expect, it } from "vitest";
import { withoutUnusedTypes } from "./provider-schema";

/** An entry of a map, with a schema of two bytes. */
const entry = (key: string) =>
  new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .string(key)
    .tag(2, WireType.LengthDelimited)
    .bytes(Uint8Array.of(8, 1))
    .finish();

/** GetProviderSchema's answer. */
const schema = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(Uint8Array.of(8, 2));
for (const [field, key] of [
  [2, "aws_vpc"],
  [2, "aws_quicksight_dashboard"],
  [3, "aws_region"],
  [3, "aws_quicksight_theme"],
  [7, "arn_parse"],
  [8, "aws_secretsmanager_secret_version"],
  [8, "aws_kms_secrets"],
] as const) {
  schema.tag(field, WireType.LengthDelimited).bytes(entry(key));
}
const answer = schema.tag(6, WireType.LengthDelimited).bytes(Uint8Array.of(8, 3)).finish();

it("leaves the types that are used, and all that is no type", () => {
  const used = new Set(["aws_vpc", "aws_region", "aws_secretsmanager_secret_version"]);
  const reader = new BinaryReader(withoutUnusedTypes(answer, (type) => used.has(type)));

  const left: [number, string][] = [];
  while (reader.pos < reader.len) {
    const [field] = reader.tag();
    left.push([field, Buffer.from(reader.bytes()).toString("hex")]);
  }

  const hex = (key: string) => Buffer.from(entry(key)).toString("hex");
  expect(left).toEqual([
    [1, "0802"],
    [2, hex("aws_vpc")],
    [3, hex("aws_region")],
    [7, hex("arn_parse")],
    [8, hex("aws_secretsmanager_secret_version")],
    [6, "0803"],
  ]);
});

it("leaves everything where everything is used", () => {
  expect(withoutUnusedTypes(answer, () => true)).toEqual(answer);
});
