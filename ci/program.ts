import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { gitHubOf, putComment, putDriftIssue } from "./github";
import { changedOutputs, planDigest, plannedChanges, type PlanJson } from "./plan";
import { summary } from "./summary";

/** The commands that the workflows of GitHub Actions run. */
export function ciProgram(): Command {
  const program = new Command("npm run ci --")
    .description("What the workflows of GitHub Actions do besides Terraform.")
    .helpCommand(false);

  program
    .command("summary")
    .description(
      "Writes a plan as Markdown, without values, and the outputs `changed` and `digest` of the step.",
    )
    .argument("<plan>", "what terraform show -json printed")
    .argument("<markdown>", "the file to write")
    .option("--append <file>", "Markdown to close with; left out where there is no such file")
    .action((planFile: string, markdownFile: string, { append }: { append?: string }) => {
      const plan = readPlan(planFile);
      const appendix = append !== undefined && existsSync(append) ? readFileSync(append, "utf8") : undefined;
      writeFileSync(markdownFile, `${summary(plan, { appendix })}\n`);
      setOutput("changed", String(plannedChanges(plan).length + changedOutputs(plan).length > 0));
      setOutput("digest", planDigest(plan));
    });

  program
    .command("same-plan")
    .description("Fails unless a plan makes the changes that were approved.")
    .argument("<plan>", "what terraform show -json printed")
    .argument("<digest>", "the output `digest` of the approved plan")
    .action((planFile: string, digest: string) => {
      if (planDigest(readPlan(planFile)) !== digest) {
        throw new Error(
          "The plan is not the one that was approved: something changed in between, and nothing was applied.\n" +
            "Run the whole workflow again, and approve the new plan.",
        );
      }
    });

  program
    .command("comment")
    .description("Keeps one comment at a pull request.")
    .argument("<pull-request>", "its number", wholeNumber)
    .argument("<markdown>", "the file to post")
    .action(async (pullRequest: number, markdownFile: string) =>
      putComment(gitHubOf(process.env), pullRequest, readFileSync(markdownFile, "utf8")),
    );

  program
    .command("drift-issue")
    .description("Keeps one open issue about drift. Without a file there is no drift, and it is closed.")
    .argument("[markdown]", "the file to post")
    .action(async (markdownFile?: string) =>
      putDriftIssue(
        gitHubOf(process.env),
        markdownFile === undefined ? undefined : readFileSync(markdownFile, "utf8"),
      ),
    );

  return program;
}

function readPlan(file: string): PlanJson {
  return JSON.parse(readFileSync(file, "utf8")) as PlanJson;
}

/** Sets an output of the step, for the steps and jobs after it. */
function setOutput(name: string, value: string): void {
  const file = process.env.GITHUB_OUTPUT;
  if (file) appendFileSync(file, `${name}=${value}\n`);
  else console.log(`${name}=${value}`);
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It must be a number.");
  return Number(text);
}
