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
 * Starts `npm run ops -- …` on a deployment, as its operator would.
 *
 * @param env - Beside what reaches the emulator, for example a `PATH` with other programs in it.
 */
export function startOps(
  { directory, terraform }: Deployment,
  args: readonly string[],
  env: Record<string, string> = {},
) {
  return execa(process.execPath, ["runner/run.mjs", "ops/cli.ts", "--directory", directory, ...args], {
    cwd: projectRoot,
    env: { ...terraform.environment, ...env },
    extendEnv: false,
    reject: false,
    stdin: "ignore",
  });
}

/** Runs `npm run ops -- …` to its end, as `startOps` starts it. */
export async function ops(...start: Parameters<typeof startOps>): Promise<Ended> {
  const { exitCode, stdout, stderr } = await startOps(...start);
  return { exitCode, stdout, stderr };
}
