import { Testing, TerraformStack } from "cdktf";
import { defineProfile } from "../src/profiles";
import { defineVariables } from "../src/variables";
import { defineWarnings } from "../src/warnings";

/** A `variable` block of the synthesized JSON. */
export interface Variable {
  readonly type: string;
  readonly default?: unknown;
  readonly sensitive?: boolean;
  readonly validation?: readonly { readonly condition: string; readonly error_message: string }[];
}

/** The inputs of the stack, with every rule and warning on them, and what they decide. */
export interface Rules {
  readonly variable: Readonly<Record<string, Variable>>;
  readonly check: Readonly<Record<string, unknown>>;
  /** The profiles of `environment`, and each setting in force by its name. */
  readonly locals: Readonly<Record<string, unknown>>;
}

/** The same blocks as in cdk.tf.json, without the stack around them: it takes seconds to load. */
export function rulesOfStack(): Rules {
  const stack = new InputsOnly(Testing.app(), "inputs");
  defineProfile(stack, defineVariables(stack));
  defineWarnings(stack);
  return JSON.parse(Testing.synth(stack)) as Rules;
}

class InputsOnly extends TerraformStack {
  protected override allocateLogicalId(element: Parameters<TerraformStack["getLogicalId"]>[0]): string {
    return "node" in element ? element.node.id : element.id;
  }
}
