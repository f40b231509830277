import { execa } from "execa";
import { checkRequirements, inspect } from "../../local/requirements";

/** Fails the run, by name, when a tool is missing: an end-to-end test is never skipped in silence. */
export default async function requiredTools(): Promise<void> {
  checkRequirements(await inspect());
  const { failed } = await execa("aws", ["--version"], { reject: false });
  if (failed) {
    throw new Error(
      "aws was not found: the end-to-end tests run the documented AWS CLI commands. " +
        "Install it from https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
    );
  }
}
