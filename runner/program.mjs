import { resolve } from "node:path";
import { evaluate } from "./evaluate.mjs";
import { loadPackages } from "./packages.mjs";
import { loadSource } from "./source.mjs";

/**
 * Runs a program of this project from its TypeScript source, in this process, until its `done` is settled, where
 * it exports that.
 *
 * @param {string} entry
 * @param {readonly string[]} args What the program finds in `process.argv`.
 */
export async function runProgram(entry, args) {
  const path = resolve(entry);
  const { text, names } = await loadSource(path);
  const packages = await loadPackages(names);

  // cdktf notes where each of its thousands of tokens was made. Only an error about a token shows that.
  Error.captureStackTrace = () => undefined;
  // Errors then name lines of the source.
  process.setSourceMapsEnabled(true);
  process.argv.splice(1, Infinity, path, ...args);

  const program = /** @type {{ done?: Promise<unknown> }} */ (
    evaluate(text, `${path}.cjs`, (name) => packages[name]?.())
  );
  // Node ends with 13 where nothing is left to wait for and this is not done.
  await program.done;
}
