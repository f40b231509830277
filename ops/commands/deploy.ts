import { Command, Option } from "commander";
import { deploy, type DeployResult, watchOngoing } from "../deploy";
import { readDeployment } from "../deployment";
import { indented } from "../follow";
import { globalsOf, print } from "../globals";
import { shortDigest } from "../image-tags";
import { revisionName } from "../service";
import { interruptible } from "../watch";
import { timeoutOption } from "./timeout";

interface Flags {
  readonly tag?: string;
  readonly migrate?: string;
  readonly timeout: number;
  readonly wait: boolean;
  readonly watch?: boolean;
}

const NO_IMAGE_YET = `There is nothing to follow: no task has ever run, and there is no image yet.
Push one: npm run ops -- images push --backend <directory>
Then roll it out: npm run ops -- deploy`;

/** `ops deploy` */
export function deployCommand(): Command {
  return new Command("deploy")
    .description("Rolls out an image of the backend, and fails when it does not come up.")
    .option("--tag <tag>", "tag of the image in the backend's ECR repository (default: backend_image_tag)")
    .option("--migrate <command>", "run this first, in a task from the new image; stop when it fails")
    .addOption(timeoutOption())
    .option("--no-wait", "end as soon as the rollout has begun")
    .addOption(
      new Option(
        "--watch",
        "start nothing: follow the rollout that goes on, also one by Terraform",
      ).conflicts(["tag", "migrate", "wait"]),
    )
    .addHelpText(
      "after",
      `
Without --tag it rolls out what was pushed last under backend_image_tag. With --tag it first moves
backend_image_tag to that image, in the repository. Either way Terraform has nothing to change back.

--migrate runs \`sh -c <command>\` once on Fargate, with the network, the roles and the secrets of the service.
Its exit code decides. Write no secret into it: the command stands in a task definition.

Examples:
  npm run ops -- deploy
  npm run ops -- deploy --tag 3f2a1b9 --migrate "alembic upgrade head"
  npx cdktf deploy && npm run ops -- deploy --watch

--watch fails where ECS took the last rollout back, and ends well where there is no image yet.

When a rollout fails, ECS goes back to what ran before, the reason is printed, and the exit code is 1.
Ctrl-C ends only the watching: the rollout goes on in AWS.`,
    )
    .action(async (flags: Flags, command: Command) => {
      const globals = globalsOf(command);
      const settings = { globals, wait: flags.wait, timeoutMinutes: flags.timeout };
      await interruptible(globals.signal, async () => {
        const deployed = await readDeployment(globals);
        if (flags.watch) {
          const followed = await watchOngoing(deployed, settings);
          if (!followed) {
            print({ finished: false }, NO_IMAGE_YET, globals);
            return;
          }
          const name = revisionName(followed.taskDefinition);
          print({ deployment: followed.id, taskDefinition: name, finished: true }, `${name} runs.`, globals);
          return;
        }
        const result = await deploy(deployed, { ...settings, tag: flags.tag, migrate: flags.migrate });
        print(result, describe(result), globals);
      });
    });
}

function describe({ tag, digest, taskDefinition, migration, finished }: DeployResult): string {
  const what = `${tag} (${shortDigest(digest)}) as ${taskDefinition}`;
  const outcome = finished
    ? `Deployed ${what}.\nBack to what ran before: npm run ops -- rollback`
    : `Began to roll out ${what}.\nSee how it ends: npm run ops -- deploy --watch`;
  if (!migration?.logLines.length) return outcome;
  return `The migration's last lines:\n${indented(migration.logLines)}\n\n${outcome}`;
}
