/** For each file of the provider, the name under which its barrel exports it: `vpc-endpoint`, `vpcEndpoint`. */
export type BarrelNames = ReadonlyMap<string, string>;

/** Reads the barrel's declarations: `export * as vpcEndpoint from './vpc-endpoint';`. */
export function barrelNames(declarations: string): BarrelNames {
  const exports = declarations.matchAll(/^export \* as (\w+) from '\.\/([\w-]+)';$/gm);
  return new Map([...exports].map(([, name = "", file = ""]) => [file, name]));
}

/**
 * The source with every import from a file of the provider turned into one from its barrel.
 *
 *     import { Vpc as AwsVpc } from "@cdktf/provider-aws/lib/vpc";
 *
 * becomes
 *
 *     import * as aws from "@cdktf/provider-aws";
 *     import AwsVpc = aws.vpc.Vpc;
 *
 * so that nothing else of the source changes.
 *
 * @throws when there is an import of the provider that this does not understand.
 */
export function throughBarrel(source: string, names: BarrelNames): string {
  const result = source.replace(PROVIDER_IMPORT, (statement, imported?: string, file?: string) => {
    const name = names.get(file ?? "");
    const specifiers = imported?.split(",").map((specifier) => specifier.trim());
    const found = specifiers
      ?.filter((specifier) => specifier !== "")
      .map((specifier) => NAME.exec(specifier));
    if (name === undefined || !found?.every((match) => match !== null)) {
      throw new Error(`the barrel of the provider has no way to say: ${statement}`);
    }
    return found.map(([, from, to = from]) => `import ${to} = aws.${name}.${from};`).join("\n");
  });
  return result === source ? source : `import * as aws from "@cdktf/provider-aws";\n${result}`;
}

/** Any import of the provider: with what stands in the braces, and the file, where there is one. */
const PROVIDER_IMPORT =
  /^import (?:(?:type )?\{([^}]*)\} from |[^;"]*)"@cdktf\/provider-aws(?:\/lib\/([\w-]+))?";$/gm;

/** `Vpc`, `Vpc as AwsVpc` or `type VpcConfig`. */
const NAME = /^(?:type )?(\w+)(?: as (\w+))?$/;
