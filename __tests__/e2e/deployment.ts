import { readFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { startEmulator } from "../../local/emulator";
import {
  ADMINISTRATOR,
  cleanEnvironment,
  emulatorCredentials,
  type AccessKeys,
  type Environment,
} from "../../local/environment";
import { Terraform } from "../../local/terraform";
import { startProvider, type RunningProvider } from "./provider";
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
  const { endpoint } = emulator;
  const providers: RunningProvider[] = [];
  const attach = async (keys: AccessKeys): Promise<Environment> => {
    const provider = await startProvider({
      ...cleanEnvironment(),
      ...emulatorCredentials(endpoint, REGION, keys),
    });
    providers.push(provider);
    return provider.settings;
  };
  const attached = await attach(ADMINISTRATOR);
  const terraformIn = (directory: string) => new Terraform({ directory, endpoint, settings: attached });
  const terraform = terraformIn(workspace.stackDirectory);

  return {
    /** Terraform in the stack directory, as an administrator. */
    terraform,
    /** Terraform in another directory, as an administrator. */
    terraformIn,

    /** Terraform in the stack directory, as whoever has these keys. */
    async terraformAs(keys: AccessKeys): Promise<Terraform> {
      const settings = await attach(keys);
      return new Terraform({ directory: workspace.stackDirectory, endpoint, keys, settings });
    },

    directory: workspace.stackDirectory,
    /** Stands for the project's root: the stack directory is below it, as `cdktf.out/stacks/…`. */
    root: workspace.directory,
    endpoint,

    /** An SDK client that asks the emulator, by default as an administrator. */
    client<Client>(
      Client: new (config: ClientConfig) => Client,
      { region = REGION, credentials = ADMINISTRATOR }: Partial<Omit<ClientConfig, "endpoint">> = {},
    ): Client {
      return new Client({ endpoint, region, credentials });
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
      await Promise.all(providers.map((provider) => provider.stop()));
      await emulator.stop();
      await workspace.remove();
    },
  };
}
