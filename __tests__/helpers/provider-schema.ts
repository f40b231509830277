import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** The fields of GetProviderSchema's answer that hold a schema for each type of resource, by its name. */
const BY_TYPE = new Map([
  [2, "resource_schemas"],
  [3, "data_source_schemas"],
  [8, "ephemeral_resource_schemas"],
]);

/**
 * The schema of a provider without the types that nobody uses.
 *
 * @param schema - GetProviderSchema's answer.
 * @see https://github.com/hashicorp/terraform/blob/v1.11.4/docs/plugin-protocol/tfplugin5.8.proto
 */
export function withoutUnusedTypes(schema: Uint8Array, isUsed: (type: string) => boolean): Uint8Array {
  const reader = new BinaryReader(schema);
  const writer = new BinaryWriter();
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [field, wireType] = reader.tag();
    if (BY_TYPE.has(field)) {
      if (isUsed(keyOf(reader.bytes()))) writer.raw(schema.subarray(start, reader.pos));
    } else {
      reader.skip(wireType);
      writer.raw(schema.subarray(start, reader.pos));
    }
  }
  return writer.finish();
}

/** The key of an entry of a map, which is a message with the key as its first field. */
function keyOf(entry: Uint8Array): string {
  const reader = new BinaryReader(entry);
  const [field, wireType] = reader.tag();
  if (field !== 1 || wireType !== WireType.LengthDelimited) throw new Error("the entry of a map has no key");
  return reader.string();
}
