import { cp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../local/workspace";
import { WORK } from "../places";
import { appContender } from "./cdktf";
import type { Contender } from "./contender";

const DIRECTORY = join(WORK, "edited");
const COPIED = ["cdktf.json", "main.ts", "package.json", "runner", "src", "tsconfig.json"];

/** A copy of the project, in which a comment of main.ts is another one in each run. */
export async function editedContender(): Promise<Contender> {
  await rm(DIRECTORY, { recursive: true, force: true });
  for (const name of COPIED) await cp(join(projectRoot, name), join(DIRECTORY, name), { recursive: true });
  await symlink(join(projectRoot, "node_modules"), join(DIRECTORY, "node_modules"), "junction");

  const main = join(DIRECTORY, "main.ts");
  const source = await readFile(main, "utf8");
  let edits = 0;
  return {
    ...(await appContender("project-edited", DIRECTORY)),
    prepare: () => writeFile(main, `${source}// Edit ${++edits}\n`),
  };
}
