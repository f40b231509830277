import { Command, CommanderError } from "commander";
import { abortOnInterruption, Interruption } from "../local/interruption";
import { adopt } from "./adopt";
import { Problem } from "./problem";
import { report } from "./report";

interface Flags {
  readonly workspace?: string;
  readonly state?: string;
  readonly varFile?: string[];
  readonly dryRun?: boolean;
  readonly keep?: boolean;
  readonly json?: boolean;
}

const program = new Command("npm run adopt --")
  .description(
    "Takes over a deployment of the older, hand-written Terraform project.\n\n" +
      "Reads its state and values, checks them, plans over a copy, and says what stays, what changes in place and why.\n" +
      "When nothing would be replaced or destroyed, it writes state and values where this project wants them.\n" +
      "It changes nothing in AWS and nothing in the older project, and overwrites nothing.",
  )
  .argument("<directory>", "the older project, or the directory above its infrastructure/")
  .option("--workspace <name>", "workspace of the older project (default: the selected one)")
  .option("--state <file>", "a state file, in place of the one that the older project uses")
  .option("--var-file <file>", "a file of values, as for terraform; may be repeated", collect)
  .option("--dry-run", "stop after the verdict and write nothing")
  .option(
    "--keep",
    "keep the directory of the trial, .local/adopt, for a look at the plan (it holds secrets)",
  )
  .option("--json", "print the verdict as JSON and nothing else")
  .addHelpText(
    "after",
    `
Values come from terraform.tfvars, terraform.tfvars.json, *.auto.tfvars and *.auto.tfvars.json of the older
project, then from --var-file, as Terraform reads them. TF_VAR_… counts too, and is not copied.

Environment:
  AWS_PROFILE, AWS_REGION …     the credentials that the older project is deployed with
  STATE_BUCKET                  keep this project's state in that S3 bucket: it is pushed there, never forced
  TF_PROVIDER_MIRROR            a directory with Terraform providers, for a machine without internet

Exit codes:
  0    nothing would be replaced or destroyed; state and values are written, unless --dry-run
  1    it could not be tried, or something is in the way; nothing was written
  2    something would be replaced, destroyed or made a second time; nothing was written
  130  after Ctrl-C; nothing was written

The guide, with the same journey by hand and the way back: docs/upgrading.md`,
  )
  .exitOverride();

program.action(async (directory: string, flags: Flags) => {
  const { json = false, dryRun = false, keep = false } = flags;
  const result = await adopt({
    directory,
    // npm runs scripts in the project's root.
    cwd: process.env.INIT_CWD ?? process.cwd(),
    workspace: flags.workspace,
    state: flags.state,
    varFiles: flags.varFile ?? [],
    dryRun,
    keep,
    quiet: json,
    signal: abortOnInterruption("Terraform"),
  });
  process.exitCode = result.verdict.good ? 0 : 2;
  console.log(
    json ? JSON.stringify({ exitCode: process.exitCode, ...result }, null, 2) : `\n${report(result)}`,
  );
});

export const done = main();

async function main(): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    if (!(error instanceof CommanderError)) {
      const message = error instanceof Error ? error.message : String(error);
      if (program.opts<Flags>().json) {
        console.log(JSON.stringify({ exitCode: process.exitCode, error: message }, null, 2));
      }
      console.error(`\n${message}`);
    }
  }
}

function collect(file: string, files: string[] = []): string[] {
  return [...files, file];
}

function exitCodeOf(error: unknown): number {
  if (error instanceof Interruption || error instanceof Problem || error instanceof CommanderError) {
    return error.exitCode;
  }
  return 1;
}
