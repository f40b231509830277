import { Command } from "commander";
import { down } from "./down";
import { abortOnInterruption, Interruption } from "./interruption";
import { up } from "./up";

const program = new Command("local")
  .description("A local emulator of AWS with the whole stack in it")
  .helpCommand(false)
  .addHelpText(
    "afterAll",
    `
Examples:
  npm run local                 deploy, show the outputs, remove everything (about two minutes)
  npm run local -- --keep       the same, but keep the emulator and say how to use it
  npm run local:down            end a kept emulator and remove everything of it

Environment:
  TF_PROVIDER_MIRROR            a directory with Terraform providers, for a machine without internet
                                (made by: terraform providers mirror DIRECTORY)

Everything is written to .local/ in the project. Exit codes: 0 done, 1 failed, 130 after Ctrl-C.`,
  );

program
  .command("up", { isDefault: true })
  .description(
    "Deploys the whole stack into a local emulator of AWS: no account, no cost, nothing left behind.\n\n" +
      "The values are those of terraform.tfvars.example. Your own terraform.tfvars is not used.",
  )
  .option("--keep", "keep the emulator running, and print how to use it")
  .action(async ({ keep = false }: { keep?: boolean }) => up({ keep, signal: abortOnInterruption() }));

program
  .command("down")
  .description("Ends a kept emulator and removes everything of it.")
  .action(async () => down());

export const done = main();

async function main(): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = error instanceof Interruption ? error.exitCode : 1;
  }
}
