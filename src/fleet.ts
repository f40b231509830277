import { type App, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { defineBackend, type StateLocation } from "./backend";
import { TimeSeriesAnalyzerStack } from "./stack";

/** One deployment among many: a product, a customer, an environment. */
export interface FleetMember {
  /** The stack's id: names its directory, and `cdktf deploy <id>`. Letters, digits, `-` and `_`. */
  readonly id: string;
  /** Where Terraform keeps its state. No two may share a place. */
  readonly state: StateLocation;
}

/**
 * Gives `app` a stack for each member.
 *
 * What differs between two deployments is their values, which are Terraform variables, and where the state
 * is. So only the first is built and resolved; the others are its configuration with their own name and backend.
 *
 * @throws when two members have the same state: each would undo what the other has deployed.
 */
export function defineFleet(app: App, [first, ...others]: readonly FleetMember[]): void {
  if (!first) return;
  assertOwnStates([first, ...others]);
  const model = new TimeSeriesAnalyzerStack(app, first.id, { state: first.state });
  const configuration = once(() => model.toTerraform());
  for (const { id, state } of others) new MemberStack(app, id, { state, configuration });
}

interface MemberStackProps {
  readonly state: StateLocation;
  /** The resolved configuration of the first member. */
  readonly configuration: () => Configuration;
}

interface Configuration {
  readonly "//": { readonly metadata: object; readonly outputs: Record<string, unknown> };
  readonly terraform: object;
  readonly data: Blocks;
  readonly resource: Blocks;
}

/** Blocks by type and name. */
type Blocks = Record<
  string,
  Record<string, { readonly "//"?: { readonly metadata: { readonly path: string } } }>
>;

class MemberStack extends TerraformStack {
  private readonly configuration: () => Configuration;

  constructor(scope: Construct, id: string, { state, configuration }: MemberStackProps) {
    super(scope, id);
    this.configuration = configuration;
    defineBackend(this, state);
  }

  override toTerraform(): Configuration {
    const model = this.configuration();
    const own = super.toTerraform();
    const { metadata, outputs } = model["//"];
    return {
      ...model,
      "//": {
        metadata: { ...metadata, stackName: this.node.id, backend: own["//"].metadata.backend },
        outputs: { [this.node.id]: Object.values(outputs)[0] },
      },
      terraform: { ...model.terraform, backend: own.terraform.backend },
      data: this.withOwnPaths(model.data),
      resource: this.withOwnPaths(model.resource),
    };
  }

  /** cdktf notes beside each block where in the app it was defined. */
  private withOwnPaths(blocks: Blocks): Blocks {
    return mapValues(blocks, (named) =>
      mapValues(named, ({ "//": note, ...block }) => {
        if (!note) return block;
        const path = note.metadata.path.replace(/^[^/]+/, this.node.id);
        return { ...block, "//": { ...note, metadata: { ...note.metadata, path } } };
      }),
    );
  }
}

function mapValues<V, W>(object: Record<string, V>, map: (value: V) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}

function assertOwnStates(members: readonly FleetMember[]): void {
  const owners = new Map<string, string>();
  for (const { id, state } of members) {
    if (state.kind === "local") continue; // Named after the stack.
    const place = `s3://${state.bucket}/${state.key}`;
    const owner = owners.get(place);
    if (owner !== undefined) {
      throw new Error(`${owner} and ${id} both keep their state at ${place}: give each a key of its own`);
    }
    owners.set(place, id);
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
