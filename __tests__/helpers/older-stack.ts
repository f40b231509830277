import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

/** The older, hand-written stack. */
export const OLDER_STACK = path.join(import.meta.dirname, "..", "fixtures", "older-stack");

/** What came later to the older stack: the public bucket and its distribution. */
export const OLDER_FRONTEND = path.join(OLDER_STACK, "frontend.tf.json");

/**
 * Puts the older, hand-written stack into a directory of its own.
 *
 * It gets the provider of this stack, so that only one is needed: what a provider of those days wrote into
 * the state, this one's upgrades of the state have to read, which is beyond a test with one provider.
 *
 * @param stackDirectory - Of this stack, synthesized.
 */
export async function writeOlderStack(directory: string, stackDirectory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const file of ["main.tf.json", "variables.tf.json", "outputs.tf.json"]) {
    await copyFile(path.join(OLDER_STACK, file), path.join(directory, file));
  }
  const stack = JSON.parse(await readFile(path.join(stackDirectory, "cdk.tf.json"), "utf8")) as {
    terraform: { required_providers: unknown };
  };
  const { required_providers } = stack.terraform;
  await writeFile(path.join(directory, "cdk.tf.json"), JSON.stringify({ terraform: { required_providers } }));
}
