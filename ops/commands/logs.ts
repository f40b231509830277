import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { Command, InvalidArgumentError, Option } from "commander";
import { awsClient } from "../aws-client";
import { readDeployment } from "../deployment";
import { globalsOf } from "../globals";
import { type LogLine, parseSince, tailLog } from "../logs";
import { interruptible } from "../watch";

interface Flags {
  readonly since: number;
  readonly follow?: boolean;
  readonly filter?: string;
}

const POLL_MS = 2_000;

/** `ops logs` */
export function logsCommand(): Command {
  return new Command("logs")
    .description("Prints the application's log, of all tasks together.")
    .addOption(
      new Option("--since <time>", "how far back: 30s, 15m, 2h, 1d, or a time such as 2026-01-31T12:00Z")
        .argParser(sinceOf)
        .default(sinceOf("15m"), "15m"),
    )
    .option("--follow", "go on until Ctrl-C")
    .option("--filter <text>", "only lines with this text, or that match this filter pattern")
    .addHelpText(
      "after",
      `
With --json every line is a JSON document of its own.

--filter takes a text as it stands. These are patterns of CloudWatch instead:
  '?ERROR ?WARNING'            one of several words
  '%status=5\\d\\d%'             a regular expression
  '{ $.level = "error" }'      a property, where the application logs JSON

Passwords in URLs are masked. Everything else is printed as the application wrote it.`,
    )
    .action(async ({ since, follow = false, filter }: Flags, command: Command) => {
      const { json, signal, ...globals } = globalsOf(command);
      await interruptible(signal, async () => {
        const deployed = await readDeployment({ ...globals, signal });
        await tailLog({
          logs: awsClient(CloudWatchLogsClient, deployed.region),
          group: deployed.text("ecs_log_group_name"),
          since,
          filter,
          follow,
          intervalMs: POLL_MS,
          signal,
          onLine: (line) => console.log(json ? JSON.stringify(line) : describe(line)),
          report: (line) => console.error(line),
        });
      });
    });
}

function describe({ time, stream, message }: LogLine): string {
  return `${time.toISOString()} ${stream.split("/").at(-1)?.slice(0, 8)} ${message}`;
}

function sinceOf(text: string): number {
  const since = parseSince(text, Date.now());
  if (since === undefined)
    throw new InvalidArgumentError("Give a time such as 15m, 2h, 1d or 2026-01-31T12:00Z.");
  return since;
}
