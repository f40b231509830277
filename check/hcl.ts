import type * as Hcl from "@cdktf/hcl2json";

/** The parser of HCL: a large WebAssembly module, so it is loaded only where there is something to parse. */
export async function hclParser(): Promise<typeof Hcl> {
  return import("@cdktf/hcl2json");
}
