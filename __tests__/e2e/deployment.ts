import { readFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { startEmulator } from "../../local/emulator";
import { ADMINISTRATOR, type AccessKeys, type Environment } from "../../local/environment";
import { Terraform } from "../../local/terraform";
import { createWorkspace, type WorkspaceOptions } from "../../local/workspace";

/** What every AWS SDK client of a test is made with. */
interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: AccessKeys;
}

const REGION = "us-west-2";

/** The synthesized stack with an emulator of its own, initialized but not applied. */
export type Deployment = Awaited<ReturnType<typeof startDeployment>>;

/**
 * Makes a deployment. End it with `remove()`, whatever happened to it.
 *
 * @param settings - Further settings of moto.
 */
export async function startDeployment(options: WorkspaceOptions = {}, settings?: Environment) {
  const workspace = await createWorkspace(options);
  const emulator = await startEmulator({ directory: workspace.directory, settings });
  const terraform = new Terraform({ directory: workspace.stackDirectory, endpoint: emulator.endpoint });

  return {
    terraform,
    directory: workspace.stackDirectory,
    endpoint: emulator.endpoint,

    /** An SDK client that asks the emulator, by default as an administrator. */
    client<Client>(
      Client: new (config: ClientConfig) => Client,
      { region = REGION, credentials = ADMINISTRATOR }: Partial<Omit<ClientConfig, "endpoint">> = {},
    ): Client {
      return new Client({ endpoint: emulator.endpoint, region, credentials });
    },

    /** Runs shell commands as a user would, in the stack directory. Returns what they print. */
    async shell(script: string): Promise<string> {
      const { stdout } = await execa("bash", ["-euo", "pipefail", "-c", script], {
        cwd: workspace.stackDirectory,
        env: terraform.environment,
        extendEnv: false,
      });
      return stdout;
    },

    /** The state file as text. */
    async state(): Promise<string> {
      return readFile(path.join(workspace.directory, "terraform.time-series-analyzer.tfstate"), "utf8");
    },

    /** What was asked of the emulator so far, in order: `PUT /bucket?policy`. */
    async requests(): Promise<string[]> {
      const log = await readFile(emulator.logFile, "utf8");
      return [...log.matchAll(/"([A-Z]+ \S+) HTTP\/1\.1" /g)].map(([, request = ""]) =>
        request.replace(/=$/, ""),
      );
    },

    async remove(): Promise<void> {
      await emulator.stop();
      await workspace.remove();
    },
  };
}
