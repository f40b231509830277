import { resolve } from "node:path";
import { Command } from "commander";
import { checkTerraform, MissingRequirementsError } from "../../local/requirements";
import { estimate, LEFT_OUT } from "../cost/estimate";
import { PRICED_REGIONS, PRICES_OF } from "../cost/prices";
import { asMarkdown, asText } from "../cost/report";
import { readValues } from "../cost/values";
import { globalsOf, print } from "../globals";
import { Problem } from "../problem";

const root = resolve(import.meta.dirname, "../..");

interface Options {
  readonly varFile: readonly string[];
  readonly markdown?: boolean;
}

/** `ops cost` */
export function costCommand(): Command {
  return new Command("cost")
    .description(
      "Estimates what a month costs with the values of terraform.tfvars, before anything is deployed.",
    )
    .option(
      "--var-file <file>",
      "one more file, as with terraform plan -var-file",
      (file: string, previous: readonly string[]) => [...previous, file],
      [],
    )
    .option("--markdown", "print it for a comment on a pull request")
    .addHelpText(
      "after",
      `
It reads what Terraform would read from the project's root: TF_VAR_…, terraform.tfvars and *.auto.tfvars. It
needs Terraform, but no AWS account, no state and no network. The prices are a table in ops/cost/prices.ts.

Examples:
  npm run ops -- cost
  npm run ops -- cost --var-file prod.tfvars
  npm run ops -- --json cost`,
    )
    .action(async ({ varFile, markdown }: Options, command: Command) => {
      const globals = globalsOf(command);
      await checkTerraform(globals.signal).catch((error: unknown) => {
        if (!(error instanceof MissingRequirementsError)) throw error;
        throw new Problem(error.message, "Install it, and try again.");
      });
      const values = await readValues({
        directory: root,
        varFiles: varFile,
        environment: process.env,
        signal: globals.signal,
      });
      const result = estimate(values);
      const subject = { environment: values.environment, region: values.aws_region };
      print(
        {
          ...subject,
          currency: "USD",
          pricesOf: PRICES_OF,
          pricedRegions: PRICED_REGIONS,
          ...result,
          leftOut: LEFT_OUT,
        },
        markdown ? asMarkdown(result, subject) : asText(result, subject),
        globals,
      );
    });
}
