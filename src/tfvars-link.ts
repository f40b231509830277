import { copyFileSync, existsSync, lstatSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";

const TFVARS = "terraform.tfvars";

/**
 * Makes the values of a deployment visible in the stack directory, where a bare `terraform plan` looks
 * for them. The link is relative, so it survives a move to another machine, and may dangle until the
 * file is written. Windows needs a privilege for links and gets a copy.
 *
 * @param file - The values, relative to the project's root.
 */
export function linkTfvars(outdir: string, stackId: string, file = TFVARS): void {
  const link = path.join(outdir, "stacks", stackId, TFVARS);
  const target = path.resolve(file);
  if (lstatSync(link, { throwIfNoEntry: false })) {
    rmSync(link);
  }

  if (process.platform !== "win32") {
    symlinkSync(path.relative(path.dirname(link), target), link);
  } else if (existsSync(target)) {
    copyFileSync(target, link);
  }
}
