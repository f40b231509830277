import ts from "typescript";

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
  const file = ts.createSourceFile("source.ts", source, ts.ScriptTarget.Latest);
  let result = "";
  let copied = 0;
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    const module = (statement.moduleSpecifier as ts.StringLiteral).text;
    if (!module.startsWith("@cdktf/provider-aws")) continue;

    const name = names.get(module.replace("@cdktf/provider-aws/lib/", ""));
    const imported = statement.importClause?.namedBindings;
    if (name === undefined || !imported || !ts.isNamedImports(imported)) {
      throw new Error(`the barrel of the provider has no way to say: ${statement.getText(file)}`);
    }
    const aliases = imported.elements.map(
      (element) =>
        `import ${element.name.text} = aws.${name}.${(element.propertyName ?? element.name).text};`,
    );
    result += source.slice(copied, statement.getStart(file)) + aliases.join("\n");
    copied = statement.end;
  }
  result += source.slice(copied);
  return copied === 0 ? source : `import * as aws from "@cdktf/provider-aws";\n${result}`;
}
