import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Command } from "commander";
import { checkTerraform } from "../local/requirements";
import { describe, type Finding } from "./finding";
import { tfvarsFiles } from "./tfvars-files.mjs";

const root = resolve(import.meta.dirname, "..");

interface Options {
  readonly json?: boolean;
  readonly varFile: readonly string[];
  readonly ifPresent?: boolean;
}

const program = new Command("check")
  .description(
    "Says everything that is wrong with the values of terraform.tfvars, at once: names and values.\n\n" +
      "It reads what Terraform would read from the project's root: TF_VAR_…, terraform.tfvars,\n" +
      "terraform.tfvars.json, *.auto.tfvars and *.auto.tfvars.json. The rules are the plan's own, and Terraform\n" +
      "itself evaluates them. It needs no AWS account and no network.",
  )
  .option("--var-file <file>", "one more file, as with terraform plan -var-file", append, [])
  .option("--json", "print the findings as a JSON list")
  .option("--if-present", "say nothing where all is well, and do not mind where Terraform is missing")
  .addHelpText("after", "\nExit codes: 0 every value is right, 1 something is wrong.")
  .action(main);

export const done = program.parseAsync();

async function main({ json, varFile, ifPresent }: Options): Promise<void> {
  const files = [...tfvarsFiles(root), ...varFile];
  const missing = await checkTerraform().then(
    () => undefined,
    (error: Error) => error.message,
  );
  if (missing && ifPresent) {
    console.error(`The values of ${files.join(", ")} were not checked. ${missing}`);
    return;
  }
  const findings = missing ? [failure(missing)] : await findingsIn(files);
  const errors = findings.filter(({ severity }) => severity === "error").length;
  process.exitCode = errors > 0 ? 1 : 0;
  if (json) {
    console.log(JSON.stringify(findings, null, 2));
    return;
  }
  for (const finding of findings) console.log(describe(finding));
  // Before another command, silence is good news.
  if (!ifPresent || errors > 0) console.log(summary(files, errors));
}

async function findingsIn(files: readonly string[]): Promise<Finding[]> {
  const absent = files.filter((file) => !existsSync(resolve(root, file)));
  if (absent.length > 0) return absent.map((file) => failure(`${file} does not exist.`));
  // cdktf takes a second to load, which a synthesis without a tfvars file need not wait for twice.
  const [{ check }, { rulesOfStack }] = await Promise.all([import("./check"), import("./rules")]);
  return check({ rules: rulesOfStack(), directory: root, files, environment: process.env });
}

function failure(message: string): Finding {
  return { severity: "error", message };
}

function summary(files: readonly string[], errors: number): string {
  const where = files.length > 0 ? files.join(", ") : "no tfvars file, only defaults and TF_VAR_…";
  if (errors === 0) return `Every value is right (${where}).`;
  return `${errors === 1 ? "One thing is" : `${errors} things are`} wrong (${where}).`;
}

function append(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}
