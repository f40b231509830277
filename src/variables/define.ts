import {
  TerraformVariable,
  type TerraformVariableConfig,
  type TerraformVariableValidationConfig,
} from "cdktf";
import type { Construct } from "constructs";

/** A rule on a variable: what must hold, and what to tell the user when it does not. */
export type Rule = TerraformVariableValidationConfig;

type VariableOptions = Omit<TerraformVariableConfig, "type" | "nullable" | "validation"> & {
  readonly description: string;
  readonly rules?: readonly Rule[];
};

/**
 * A variable that always has a value: `null` in a tfvars file means its default. Without a default it
 * is required.
 */
export function variable(
  scope: Construct,
  name: string,
  type: string,
  options: VariableOptions,
): TerraformVariable {
  const { rules = [], ...config } = options;
  return new TerraformVariable(scope, name, { ...config, type, nullable: false, validation: [...rules] });
}

/** A variable that may stay unset (`null`): something else then decides, as its description says. */
export function optionalVariable(
  scope: Construct,
  name: string,
  type: string,
  options: Omit<VariableOptions, "default">,
): TerraformVariable {
  const { rules = [], ...config } = options;
  const defined = new TerraformVariable(scope, name, {
    ...config,
    type,
    nullable: true,
    validation: [...rules],
  });
  // `default: null` in the properties makes cdktf throw.
  defined.addOverride("default", null);
  return defined;
}

/**
 * A required secret. Terraform shows it nowhere (sensitive) and writes it to no plan and no state
 * (ephemeral).
 */
export function secretVariable(scope: Construct, name: string, options: VariableOptions): TerraformVariable {
  const defined = variable(scope, name, "string", { ...options, sensitive: true });
  defined.addOverride("ephemeral", true);
  return defined;
}
