import type { ResourceChange } from "../../adopt/plan";

const PROVIDER = 'provider["registry.terraform.io/hashicorp/aws"]';

interface Given {
  readonly address: string;
  readonly attributes?: Record<string, unknown>;
  readonly provider?: string;
}

/** A state file as text: `type.name` or `type.name[0]`, with attributes. */
export function stateFile(resources: readonly Given[], extra: Record<string, unknown> = {}): string {
  return `${JSON.stringify(
    {
      version: 4,
      terraform_version: "1.5.7",
      serial: 7,
      lineage: "a-lineage",
      outputs: {},
      resources: resources.map(({ address, attributes = {}, provider = PROVIDER }) => {
        const [, type, name, index] = /^(\w+)\.(\w+)(?:\[(\d+)\])?$/.exec(address) ?? [];
        return {
          mode: "managed",
          type,
          name,
          provider,
          instances: [{ ...(index && { index_key: Number(index) }), schema_version: 0, attributes }],
        };
      }),
      ...extra,
    },
    null,
    2,
  )}\n`;
}

/** A resource in a plan. */
export function planned(
  address: string,
  actions: readonly string[],
  change: Partial<ResourceChange["change"]> = {},
  extra: Partial<ResourceChange> = {},
): ResourceChange {
  return {
    address,
    mode: "managed",
    type: address.split(".")[0] ?? "",
    change: { actions, before: null, after: null, after_unknown: {}, ...change },
    ...extra,
  };
}
