import { Command } from "commander";
import type { CheckResult } from "../doctor/check-result";
import { examine } from "../doctor/examine";
import { count, describe, summary } from "../doctor/report";
import { globalsOf, print } from "../globals";
import { EXIT } from "../problem";

/** `ops doctor` */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description(
      "Looks at everything that a deployment depends on, and says what to do about what is wrong:\n" +
        "tools, values, credentials, state and its lock, quotas, certificate, database offer, image, roles,\n" +
        "and resources that AWS has but the state lacks. It changes nothing.",
    )
    .addHelpText(
      "after",
      `
Each line begins with ok, warning, problem or skipped.
Exit codes: 0 no problem (warnings do not count), 1 at least one problem.`,
    )
    .action(async (_: object, command: Command) => {
      const globals = globalsOf(command);
      const results: CheckResult[] = [];
      for await (const result of examine(globals)) {
        results.push(result);
        if (!globals.json) console.log(describe(result));
      }
      const problems = count(results, "problem");
      if (problems > 0) process.exitCode = EXIT.failed;
      print(
        { problems, warnings: count(results, "warning"), checks: results },
        `\n${summary(results)}`,
        globals,
      );
    });
}
