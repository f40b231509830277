import type { Configuration } from "./configuration";
import { EXPECTED, FRONTEND } from "./older-stack";
import { Problem } from "./problem";
import { foreignProviders, type State } from "./state";

/** How well a state fits this project. */
export interface Inspection {
  /** How many of the expected resources there are. */
  readonly found: number;
  /** Expected resources that are not there. */
  readonly missing: readonly string[];
  /** Addresses that this project has no place for: a plan would destroy them. */
  readonly unknown: readonly string[];
  readonly hasFrontend: boolean;
}

/** Compares what is in a state with what this project expects and knows. */
export function inspect(state: State, { resources }: Configuration): Inspection {
  const present = new Set(state.instances.map(({ resource }) => resource));
  const known = (resource: string) =>
    resources.has(resource) || [...resources].some((each) => resource.startsWith(`${each}.`)); // of a module
  const missing = EXPECTED.filter((resource) => !present.has(resource));
  return {
    found: EXPECTED.length - missing.length,
    missing,
    unknown: state.instances.filter(({ resource }) => !known(resource)).map(({ address }) => address),
    hasFrontend: FRONTEND.some((resource) => present.has(resource)),
  };
}

/**
 * Refuses a state that cannot be one of the older stack, or of which something would be destroyed.
 *
 * @throws Problem
 */
export function assertFits(state: State, { found, unknown }: Inspection, origin: string): void {
  if (state.instances.some(({ address }) => address === "aws_secretsmanager_secret_version.api_key_value")) {
    throw new Problem(
      `${origin} is a state of this project already, there is nothing to adopt: deploy with "npx cdktf deploy"`,
    );
  }
  if (found < EXPECTED.length / 2) {
    throw new Problem(
      `${origin} must be a state of the older Time Series Analyzer stack, but it has only ${found} of the ` +
        `${EXPECTED.length} resources that one has (${state.instances.length} resources in all): ` +
        "name its directory, and its workspace with --workspace",
    );
  }
  const foreign = foreignProviders(state);
  if (foreign) throw new Problem(`${origin}: ${foreign}`);
  if (unknown.length > 0) throw new Problem(describeUnknown(unknown, origin), 2);
}

function describeUnknown(unknown: readonly string[], origin: string): string {
  return [
    `${origin} holds ${unknown.length === 1 ? "a resource" : "resources"} that this project has no place for, so Terraform would destroy ${unknown.length === 1 ? "it" : "them"}:`,
    "",
    ...unknown.map((address) => `  ${address}`),
    "",
    "Nothing was written. Choose for each, then run the command again:",
    "- it stays, but somewhere else: add its address (without an index) to src/removed.ts. Terraform then forgets it",
    "  and leaves it in AWS, and another project can import it;",
    "- it belongs to this stack: add it to src/stack.ts under the same address;",
    "- nobody needs it: remove it with the older project.",
  ].join("\n");
}
