import { readFile } from "node:fs/promises";
import { arch, availableParallelism, cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../local/workspace";
import { versionOf } from "../ops/program";
import { BENCH } from "./places";
import type { Machine, Versions } from "./report/results";

export function thisMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release().split("-")[0]} ${arch()}`,
  };
}

/** The versions that took part, by the name of the program or package. */
export async function theseVersions(signal: AbortSignal): Promise<Versions> {
  const terraform = await versionOf("terraform", ["version"], signal);
  const versions: Record<string, string> = { "Node.js": process.versions.node };
  if (terraform !== undefined) versions.Terraform = terraform.replace(/^Terraform v/, "");
  for (const name of ["cdktf", "cdktf-cli", "@cdktf/provider-aws", "esbuild", "typescript"]) {
    versions[name] = await packageVersion(projectRoot, name);
  }
  for (const name of ["ts-node", "aws-cdk-lib"]) versions[name] = await packageVersion(BENCH, name);
  return versions;
}

async function packageVersion(directory: string, name: string): Promise<string> {
  const manifest = await readFile(join(directory, "node_modules", name, "package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
