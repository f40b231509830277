import { join } from "node:path";
import { EXIT, Problem } from "../../ops/problem";
import { runProgram } from "../../ops/program";
import { appCommand } from "../run/app-command";
import type { Program } from "../run/measure";
import { configuration } from "../synth/cdktf";

/** A copy of the project that runs by itself. */
export interface Side {
  /** Synthesizes with the command that its own cdktf.json names. */
  readonly program: Program;
  /** What it synthesized last. */
  readonly configuration: () => Promise<string>;
}

/** Installs the project that was copied into `directory`, with what a synthesis needs. */
export async function installSide(directory: string, signal: AbortSignal): Promise<Side> {
  const args = ["ci", "--omit=dev", "--prefer-offline", "--no-audit", "--no-fund"];
  const { exitCode, stderr } = await runProgram("npm", args, { cwd: directory, signal });
  if (exitCode !== 0) {
    throw new Problem(
      `npm could not install the packages:\n${stderr.trim()}`,
      "Is the npm registry in reach, and package-lock.json in step with package.json?",
      EXIT.notTried,
    );
  }
  const [file, ...rest] = await appCommand(join(directory, "cdktf.json"));
  const outdir = join(directory, "cdktf.out");
  return {
    program: { file, args: rest, cwd: directory, env: { CDKTF_OUTDIR: outdir } },
    configuration: () => configuration(outdir),
  };
}
