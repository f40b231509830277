import { execa } from "execa";
import { projectRoot } from "../../local/workspace";
import type { Deployment } from "./deployment";

/** What `npm run ops -- …` ended with. */
export interface Ended {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs `npm run ops -- …` on a deployment, as its operator would.
 *
 * @param env - Beside what reaches the emulator, for example a `PATH` with other programs in it.
 */
export async function ops(
  { directory, terraform }: Deployment,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ended> {
  const command = ["runner/run.mjs", "ops/cli.ts", "--directory", directory, ...args];
  const { exitCode, stdout, stderr } = await execa(process.execPath, command, {
    cwd: projectRoot,
    env: { ...terraform.environment, ...env },
    extendEnv: false,
    reject: false,
    stdin: "ignore",
  });
  return { exitCode, stdout, stderr };
}
