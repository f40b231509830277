import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { Command } from "commander";
import { run } from "../../local/child-process";
import { cleanEnvironment } from "../../local/environment";
import { describeNow } from "../../local/progress";
import { type Report, step } from "../../local/step";
import { UserTerraform } from "../../local/user-terraform";
import { projectRoot } from "../../local/workspace";
import { nextSteps } from "../bootstrap";
import { type Globals, globalsOf, print } from "../globals";
import { EXIT, Problem } from "../problem";

const VALUES = "bootstrap/terraform.tfvars";
const DIRECTORY = join(projectRoot, "bootstrap/cdktf.out/stacks/bootstrap");

/** `ops bootstrap` */
export function bootstrapCommand(): Command {
  return new Command("bootstrap")
    .description(
      "Makes the bucket for a shared state and, for GitHub Actions, a role that plans and a role that deploys.",
    )
    .option("--yes", "apply the plan without asking")
    .addHelpText(
      "after",
      `
The values are in ${VALUES}: copy ${VALUES}.example. Nothing is changed before you have seen the plan
and said yes. Run it again after an update of this project, or with other values: it changes what differs.
Its own state is bootstrap/terraform.bootstrap.tfstate, on this machine: keep it.`,
    )
    .action(async ({ yes = false }: { yes?: boolean }, command: Command) =>
      bootstrap({ ...globalsOf(command), yes }),
    );
}

async function bootstrap(options: Globals & { readonly yes: boolean }): Promise<void> {
  const { signal, json, yes } = options;
  if (!existsSync(join(projectRoot, VALUES))) {
    throw new Problem(`There is no ${VALUES}.`, `Copy ${VALUES}.example to it, and edit it.`);
  }
  if (!yes && (json || !process.stdin.isTTY)) {
    throw new Problem(
      "Nobody can be asked here whether to apply the plan.",
      "Add --yes to apply it unasked.",
    );
  }
  // Standard output is for one JSON document alone.
  const during = json ? quietly : step;
  await during("Synthesize the bootstrap stack", () => synthesize(signal));

  const terraform = new UserTerraform({ directory: DIRECTORY, signal });
  await during("Initialize Terraform", () => terraform.init());
  const plan = await during("Plan", () => terraform.plan());
  const changes = plan.changes.length + plan.outputChanges.length;
  if (changes > 0) {
    if (!json) console.log((await terraform.run(["show", "-no-color", plan.file])).stdout);
    if (!yes && !(await confirmed(signal))) {
      throw new Problem("You did not say yes: nothing was changed.", "Run it again when you want it.");
    }
    const started = Date.now();
    await during("Apply the plan", (report) =>
      terraform.apply({
        plan,
        onProgress: (progress) => report(describeNow(progress, (Date.now() - started) / 1000)),
      }),
    );
  }

  const outputs = await terraform.outputs();
  const values = Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
  print({ changed: changes, ...values }, `\n${nextSteps(outputs)}`, options);
}

function quietly<T>(_title: string, work: (report: Report) => Promise<T>): Promise<T> {
  return work(() => undefined);
}

async function synthesize(signal: AbortSignal): Promise<void> {
  const { exitCode, stderr } = await run(process.execPath, ["runner/run.mjs", "bootstrap/main.ts"], {
    cwd: projectRoot,
    env: cleanEnvironment(),
    signal,
  });
  if (exitCode !== 0) {
    throw new Problem(
      `The bootstrap stack could not be synthesized:\n${stderr}`,
      "Install anew: npm ci",
      EXIT.failed,
    );
  }
}

async function confirmed(signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // Ctrl-C is then the command line's to handle, as everywhere.
  terminal.on("SIGINT", () => process.emit("SIGINT"));
  try {
    return (await terminal.question("Apply this plan? Only yes will do: ", { signal })) === "yes";
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    terminal.close();
  }
}
