import { readFile } from "node:fs/promises";
import path from "node:path";
import { projectRoot } from "../../local/workspace";

/** The shell commands of the README under a heading, as they are printed there. Throws when there are none. */
export async function readmeCommands(heading: string): Promise<string> {
  const readme = await readFile(path.join(projectRoot, "README.md"), "utf8");
  // A single "#" starts a comment of the shell.
  const section = readme.split(/^##+ /m).find((each) => each.startsWith(`${heading}\n`));
  const blocks = [...(section ?? "").matchAll(/^```bash\n(.*?)^```/gms)].map(([, commands]) => commands);
  if (blocks.length === 0) {
    throw new Error(`README.md has no commands under the heading "${heading}"`);
  }
  return blocks.join("\n");
}
