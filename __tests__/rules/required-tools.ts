import { checkTerraform } from "../../local/requirements";

/** Fails the run, by name, when Terraform is missing: it evaluates the rules, and none is skipped in silence. */
export default async function requiredTools(): Promise<void> {
  await checkTerraform();
}
