import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { Testing, TerraformStack, ref as cdktfRef, type IResolvable } from "cdktf";
import { TimeSeriesAnalyzerStack } from "../../src/stack";

/** A synthesized block: Terraform's own snake_case keys. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests index into it freely
export type Block = Record<string, any>;

type TerraformType = { readonly tfResourceType: string };

/** The whole stack, with local state. */
export function synthStack() {
  return parse(
    new TimeSeriesAnalyzerStack(Testing.app(), "time-series-analyzer", { state: { kind: "local" } }),
  );
}

/** The whole stack, synthesized once: for tests that only look at it. */
export function wholeStack() {
  return (whole ??= synthStack());
}

let whole: ReturnType<typeof synthStack> | undefined;

/** What `build` puts into a stack, where ids are addresses as they are in the product. */
export function synth(build: (stack: TerraformStack) => void) {
  const stack = new FlatStack(Testing.app(), "test");
  new AwsProvider(stack, "aws", { region: "us-west-2" });
  build(stack);
  return parse(stack);
}

class FlatStack extends TerraformStack {
  protected override allocateLogicalId(element: Parameters<TerraformStack["getLogicalId"]>[0]): string {
    return "node" in element ? element.node.id : element.id;
  }
}

/** A condition or number that only Terraform knows, written as Terraform writes it. */
export function ref(expression: string): IResolvable {
  return cdktfRef(expression, new TerraformStack(Testing.app(), "elsewhere"));
}

/** The JSON of a stack with a query for each kind of block. Runs the stack's validations. */
export function parse(stack: TerraformStack) {
  const text = Testing.synth(stack, true);
  const json = JSON.parse(text) as Block;
  const blocks = (kind: "resource" | "data", { tfResourceType }: TerraformType): Block =>
    json[kind]?.[tfResourceType] ?? {};

  /** The only block of its type, or the one with this id. Throws when it is not there, or not the only one. */
  const only = (kind: "resource" | "data", type: TerraformType, id?: string): Block => {
    const found = blocks(kind, type);
    const ids = Object.keys(found).filter((key) => id === undefined || key === id);
    if (ids.length !== 1) {
      throw new Error(
        `expected one ${type.tfResourceType} ${id ?? ""}, found ${Object.keys(found).join(", ") || "none"}`,
      );
    }
    return found[ids[0] as string];
  };

  return {
    text,
    json,
    /** Blocks of a resource type, by address. */
    resources: (type: TerraformType) => blocks("resource", type),
    resource: (type: TerraformType, id?: string) => only("resource", type, id),
    dataSource: (type: TerraformType, id?: string) => only("data", type, id),
  };
}
