import { rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../local/child-process";
import { cleanEnvironment } from "../../local/environment";
import { projectRoot } from "../../local/workspace";

/** Synthesizes the bootstrap stack into `outdir`. Returns the stack's directory. */
export async function synthesizeBootstrap(outdir: string): Promise<string> {
  const { exitCode, stderr } = await run(process.execPath, ["runner/run.mjs", "bootstrap/main.ts"], {
    cwd: projectRoot,
    env: { ...cleanEnvironment(), CDKTF_OUTDIR: outdir },
  });
  if (exitCode !== 0) throw new Error(stderr);
  const directory = join(outdir, "stacks", "bootstrap");
  // The developer's own values.
  await rm(join(directory, "terraform.tfvars"), { force: true });
  return directory;
}
