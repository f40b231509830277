import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { Problem } from "./problem";

/** A file that this project is to get. */
export interface NewFile {
  readonly file: string;
  readonly text: string;
}

/** Only this user may read them: they hold secrets. */
const MODE = 0o600;

/** Values that would be mixed with those of the older project. */
const OTHER_VALUES = /^terraform\.tfvars\.json$|\.auto\.tfvars(\.json)?$/;

/**
 * What stands where the files are to go: nothing is ever overwritten. A file with the very same content
 * is no obstacle.
 */
export async function obstacles(directory: string, files: readonly NewFile[]): Promise<string[]> {
  const found: string[] = [];
  for (const { file, text } of files) {
    const existing = await readFile(file, "utf8").catch(() => undefined);
    if (existing !== undefined && existing !== text) found.push(inTheWay(file));
  }
  const others = (await readdir(directory)).filter((name) => OTHER_VALUES.test(name));
  return [...found, ...others.map((name) => inTheWay(join(directory, name)))];
}

/**
 * Writes all files or none. Those that are there with the same content are left alone.
 *
 * @param last - Runs when all are written; should it fail, they are removed again. Returns a place in words.
 * @returns what was written, and the place.
 */
export async function writeNewFiles(
  files: readonly NewFile[],
  last?: () => Promise<string>,
): Promise<string[]> {
  const written: string[] = [];
  try {
    for (const { file, text } of files) {
      if ((await readFile(file, "utf8").catch(() => undefined)) === text) continue;
      await writeFile(file, text, { flag: "wx", mode: MODE });
      written.push(file);
    }
    return last ? [await last(), ...written] : written;
  } catch (error) {
    for (const file of written) await rm(file, { force: true });
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new Problem("a file has just appeared where this command was about to write: try again");
  }
}

function inTheWay(file: string): string {
  return (
    `${file} is in the way, and nothing is overwritten. If you need it no more, move it:\n` +
    `  mv ${basename(file)} ${basename(file)}.before`
  );
}
