import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { inject } from "vitest";
import type { Environment } from "../../local/environment";
import { startGateway } from "./gateway";

/** The AWS provider as one process for many Terraform commands. */
export interface RunningProvider {
  /** What makes Terraform use it. */
  readonly settings: Environment;
  stop(): Promise<void>;
}

/**
 * Starts the provider. Terraform by itself starts it three times for a plan, which takes longer than the
 * plan. Left running, as under a debugger, it answers the same calls, and every command configures it anew.
 *
 * @param environment - Of the provider, which finds the endpoint and the credentials there.
 * @see https://developer.hashicorp.com/terraform/plugin/debugging
 */
export async function startProvider(environment: Environment): Promise<RunningProvider> {
  const child = execa(inject("awsProvider"), ["-debug"], {
    env: environment,
    extendEnv: false,
    reject: false,
    buffer: false,
    stderr: "ignore",
  });
  const attachment = await new Promise<string | undefined>((resolve) => {
    void (async () => {
      // Read to its end, so that the provider never waits for a reader.
      for await (const line of child) {
        const [, found] = /TF_REATTACH_PROVIDERS='(.+)'/.exec(line) ?? [];
        if (found) resolve(found);
      }
      resolve(undefined);
    })();
  });
  if (!attachment) throw new Error("the provider ended before Terraform could use it");

  const providers = JSON.parse(attachment) as Record<string, { Addr: { String: string } }>;
  const [provider] = Object.values(providers);
  if (!provider) throw new Error("the provider has not said where it listens");
  // Not in the workspace: the path of a socket has at most 104 characters.
  const socket = join(tmpdir(), `provider-${randomBytes(8).toString("hex")}.sock`);
  const types = new Set(inject("usedTypes"));
  const gateway = await startGateway(socket, provider.Addr.String, (type) => types.has(type));
  provider.Addr.String = socket;

  return {
    settings: { TF_REATTACH_PROVIDERS: JSON.stringify(providers) },
    stop: async () => {
      gateway.close();
      child.kill("SIGKILL");
      await child;
      await rm(socket, { force: true });
    },
  };
}
