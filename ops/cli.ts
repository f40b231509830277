import { Command, CommanderError } from "commander";
import { exitCodeOf } from "./exit-code";
import { addGlobals } from "./globals";
import { Problem } from "./problem";

/** Each has its part of AWS's SDK, so only what the command line names is evaluated: all of it for the overview. */
const COMMANDS: readonly (readonly [name: string, load: () => Promise<Command>])[] = [
  ["bootstrap", async () => (await import("./commands/bootstrap")).bootstrapCommand()],
  ["doctor", async () => (await import("./commands/doctor")).doctorCommand()],
  ["cost", async () => (await import("./commands/cost")).costCommand()],
  ["images", async () => (await import("./commands/images")).imagesCommand()],
  ["deploy", async () => (await import("./commands/deploy")).deployCommand()],
  ["rollback", async () => (await import("./commands/rollback")).rollbackCommand()],
  ["status", async () => (await import("./commands/status")).statusCommand()],
  ["logs", async () => (await import("./commands/logs")).logsCommand()],
  ["open", async () => (await import("./commands/open")).openCommand()],
  ["db", async () => (await import("./commands/db")).dbCommand()],
  ["destroy", async () => (await import("./commands/destroy")).destroyCommand()],
];

const program = addGlobals(new Command("npm run ops --"))
  .description("Looks after a deployment: what the team does from day two on.")
  .addHelpText(
    "after",
    `
Environment:
  AWS_PROFILE, AWS_REGION …   the credentials that the stack is deployed with
  STATE_BUCKET                as for the deployment, where the state is in a bucket

Exit codes:
  0    done
  1    it was tried and failed, or what was looked for is wrong
  2    something is missing or wrong, and nothing was done
  130  after Ctrl-C`,
  )
  .exitOverride();

const named = COMMANDS.filter(([name]) => process.argv.includes(name, 2));

export const done = main();

async function main(): Promise<void> {
  for (const [, load] of named.length > 0 ? named : COMMANDS) {
    program.addCommand((await load()).exitOverride());
  }
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    if (!(error instanceof CommanderError)) report(error);
  }
}

function report(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const remedy = error instanceof Problem ? error.remedy : undefined;
  if (program.opts<{ json?: boolean }>().json) {
    console.log(JSON.stringify({ exitCode: process.exitCode, error: message, remedy }, null, 2));
  }
  console.error(remedy === undefined ? `\n${message}` : `\n${message}\n${remedy}`);
}
