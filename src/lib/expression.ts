import { type IResolvable, ref, type TerraformResource, TerraformStack, Token } from "cdktf";
import type { IConstruct } from "constructs";

/**
 * A Terraform expression, written as Terraform writes it, with values of other constructs inside.
 *
 * For what `Fn`, `Op` and `conditional` cannot say, such as a `for` over a list whose length only
 * the apply knows. Values go in as `${value}` and come out as references, without quotes.
 */
export function expression(scope: IConstruct, text: string): IResolvable {
  return ref(text, TerraformStack.of(scope));
}

/** A list value as text, to be put inside an {@link expression}. */
export function listText(values: string[]): string {
  return Token.asString(values);
}

/** A Terraform object, to be put inside an {@link expression}. Its values are expressions themselves. */
export function objectText(attributes: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(attributes).map(([name, value]) => `${name} = ${value}`);
  return `{ ${pairs.join(", ")} }`;
}

/** The `count` of a resource that exists only where `condition` holds. */
export function countIf(scope: IConstruct, condition: IResolvable): number {
  return Token.asNumber(expression(scope, `${Token.asString(condition)} ? 1 : 0`));
}

/** An attribute of a resource that `count` may have left out: null where it is not there. */
export function optionalAttribute(resource: TerraformResource, attribute: string): string {
  return Token.asString(expression(resource, `one(${resource.fqn}[*].${attribute})`));
}

/** An attribute of every instance of a counted resource, in order. */
export function everyAttribute(resource: TerraformResource, attribute: string): string[] {
  return Token.asList(expression(resource, `${resource.fqn}[*].${attribute}`));
}
