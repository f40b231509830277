import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly version?: string;
        readonly resolved?: string;
        readonly dependencies?: Readonly<Record<string, string>>;
        readonly devDependencies?: Readonly<Record<string, string>>;
      }
    >
  >;
}

const read = (file: string) => JSON.parse(readFileSync(file, "utf8")) as Lock;
const project = read("package-lock.json").packages;
const bench = read("bench/package-lock.json").packages;

describe("the packages of the benchmark", () => {
  it("are none of the project's", () => {
    for (const name of ["aws-cdk-lib", "ts-node", "vega"]) {
      expect(bench).toHaveProperty([`node_modules/${name}`]);
      expect(project).not.toHaveProperty([`node_modules/${name}`]);
    }
  });

  it("have exact versions, from the public registry", () => {
    for (const version of Object.values(bench[""]?.dependencies ?? {})) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    }
    for (const { resolved } of Object.values(bench)) {
      expect(resolved ?? "https://registry.npmjs.org/").toMatch(/^https:\/\/registry\.npmjs\.org\//);
    }
  });

  // Code in bench/ finds these before the project's.
  it("do not stand before another version of a package that the project's code imports", () => {
    const { dependencies, devDependencies } = project[""] ?? {};
    for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
      const nearer = bench[`node_modules/${name}`]?.version;
      // That of AWS CDK. Nothing else in bench/ imports it.
      if (nearer === undefined || name === "constructs") continue;
      expect(`${name} ${nearer}`).toBe(`${name} ${project[`node_modules/${name}`]?.version}`);
    }
  });
});
