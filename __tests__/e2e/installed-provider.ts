import { readdir } from "node:fs/promises";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { installedProvider, requiredProviderVersion } from "../../local/provider-mirror";
import { Terraform } from "../../local/terraform";
import { createWorkspace } from "../../local/workspace";

declare module "vitest" {
  export interface ProvidedContext {
    /** The AWS provider's program. */
    readonly awsProvider: string;
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
  return () => workspace.remove();
}
