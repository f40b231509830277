import { copyFileSync, existsSync, lstatSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";

const TFVARS = "terraform.tfvars";

/**
 * Makes a `terraform.tfvars`, by default the project's, visible in the stack directory, where a bare
 * `terraform plan` looks for it. The link is relative, so it survives a move to another machine,
 * and may dangle until the file is written. Windows needs a privilege for links and gets a copy.
 */
export function linkTfvars(outdir: string, stackId: string, file: string = TFVARS): void {
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
