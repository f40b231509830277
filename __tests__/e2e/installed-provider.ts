import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { installedProvider, requiredProviderVersion } from "../../local/provider-mirror";
import { Terraform } from "../../local/terraform";
import { createWorkspace } from "../../local/workspace";
import { OLDER_STACK } from "../helpers/older-stack";
import { synthesizeBootstrap } from "./bootstrap-stack";

declare module "vitest" {
  export interface ProvidedContext {
    /** The AWS provider's program. */
    readonly awsProvider: string;
    /** Every type of resource and data source that a stack of the tests has. */
    readonly usedTypes: readonly string[];
  }
}

/** Lets `terraform init` install the provider once for all files. */
export default async function installProvider({ provide }: TestProject): Promise<() => Promise<void>> {
  const workspace = await createWorkspace();
  const { stackDirectory: directory } = workspace;
  // Nobody is asked: an endpoint where nothing listens will do.
  await new Terraform({ directory, endpoint: "http://127.0.0.1:1" }).init();
  const installed = installedProvider(directory, await requiredProviderVersion(directory));
  const program = (await readdir(installed)).find((name) => name.startsWith("terraform-provider-aws"));
  if (!program) throw new Error(`terraform init has left no provider in ${installed}`);
  provide("awsProvider", path.join(installed, program));

  const bootstrap = await synthesizeBootstrap(path.join(workspace.directory, "bootstrap"));
  const types = await Promise.all([directory, bootstrap, OLDER_STACK].map(typesIn));
  provide("usedTypes", [...new Set(types.flat())]);
  return () => workspace.remove();
}

/** The types that are named in the configuration in a directory. */
async function typesIn(directory: string): Promise<string[]> {
  const files = (await readdir(directory)).filter((name) => name.endsWith(".tf.json"));
  const texts = await Promise.all(files.map((name) => readFile(path.join(directory, name), "utf8")));
  return texts.flatMap((text) => text.match(/\baws_\w+/g) ?? []);
}
