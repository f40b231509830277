import { Command } from "commander";
import { readDeployment } from "../deployment";
import { globalsOf, print } from "../globals";
import { shortDigest } from "../image-tags";
import { rollback, type RollbackResult } from "../rollback";
import { interruptible } from "../watch";
import { timeoutOption } from "./timeout";

interface Flags {
  readonly timeout: number;
  readonly wait: boolean;
}

/** `ops rollback` */
export function rollbackCommand(): Command {
  return new Command("rollback")
    .description("Goes back to what ran before: image and task definition.")
    .addOption(timeoutOption())
    .option("--no-wait", "end as soon as the rollout has begun")
    .addHelpText(
      "after",
      `
What ran before is the last deployment that succeeded and differs from what runs now. AWS remembers 90 days.
While a deployment goes on, it is what ran before that. Twice is back again. Further back: deploy --tag <tag>.

The database stays as it is: a migration is not undone.`,
    )
    .action(async (flags: Flags, command: Command) => {
      const globals = globalsOf(command);
      const settings = { globals, wait: flags.wait, timeoutMinutes: flags.timeout };
      await interruptible(globals.signal, async () => {
        const result = await rollback(await readDeployment(globals), settings);
        print(result, describe(result), globals);
      });
    });
}

function describe(result: RollbackResult): string {
  const { taskDefinition, digest, deployedAt, deployment, goneBackAt, movedTag, finished } = result;
  const since = deployedAt ? `, deployed at ${deployedAt.toISOString()}` : "";
  const what = `${taskDefinition} with the image ${digest === undefined ? "it names" : shortDigest(digest)}${since}`;
  if (deployment === undefined) {
    const when = goneBackAt ? ` at ${goneBackAt.toISOString()}` : "";
    return [
      finished
        ? `ECS has gone back by itself${when}, from a deployment that failed: ${what} runs. Nothing had to be rolled back.`
        : `ECS is going back by itself, to ${what}.\nSee how it ends: npm run ops -- deploy --watch`,
      ...(movedTag ? [`The tag ${movedTag} names the image that runs again.`] : []),
    ].join("\n");
  }
  return [
    finished
      ? `Back at ${what}.`
      : `Began to go back to ${what}.\nSee how it ends: npm run ops -- deploy --watch`,
    result.taskDefinitionChanged
      ? "The task definition is another one now. If terraform.tfvars describes the other, the next apply goes there again: take the change back first."
      : "Terraform has nothing to change back.",
  ].join("\n");
}
