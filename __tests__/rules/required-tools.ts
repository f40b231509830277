import { inspectTerraform } from "../../local/requirements";

/** Fails the run when Terraform is missing: it evaluates the rules, and no test of them is skipped in silence. */
export default async function requiredTools(): Promise<void> {
  const missing = await inspectTerraform();
  if (missing) throw new Error(`The tests of the rules need Terraform:\n\n${missing}`);
}
