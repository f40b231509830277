import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { join, resolve } from "node:path";
import { buildSync, version as esbuildVersion } from "esbuild";
import { evaluate } from "./evaluate.mjs";

const root = resolve(import.meta.dirname, "..");
/** npm empties it whenever it installs. */
const cache = join(root, "node_modules", ".cache", "runner");

/** @typedef {Record<string, () => unknown>} Packages what loads each package, by name */
/** @typedef {readonly [path: string, size: number, modified: number]} Input */

/**
 * Names of the packages, and files in packages, that a bundle imports.
 *
 * @param {import("esbuild").Metafile} metafile
 */
export function packagesOf({ inputs }) {
  const imported = Object.values(inputs).flatMap(({ imports }) => imports);
  const names = imported.filter(({ external }) => external).map(({ path }) => path);
  return [...new Set(names)].filter((name) => !isBuiltin(name)).sort();
}

/**
 * The packages of these names, as one file that is made once: reading one file is several times as fast as
 * finding and reading hundreds.
 *
 * The file is named after its content. It is made anew when a package, or any file of one, is another than
 * it was. Where it cannot be kept, as in a read-only checkout, it is made each time.
 *
 * @param {readonly string[]} names
 * @returns {Packages}
 */
export function loadPackages(names) {
  const manifest = join(cache, `${digest(JSON.stringify([names, process.version, esbuildVersion]))}.json`);
  const kept = readKept(manifest);
  return kept ? createRequire(import.meta.url)(kept) : bundle(names, manifest);
}

/** @param {string} manifest */
function readKept(manifest) {
  try {
    /** @type {{ file: string, inputs: Input[] }} */
    const { file, inputs } = JSON.parse(readFileSync(manifest, "utf8"));
    const isFresh = inputs.every(([path, size, modified]) => {
      const now = statSync(join(root, path));
      return now.size === size && now.mtimeMs === modified;
    });
    const path = join(cache, file);
    return isFresh && statSync(path).isFile() ? path : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {readonly string[]} names
 * @param {string} manifest
 * @returns {Packages}
 */
function bundle(names, manifest) {
  const entries = names.map((name) => `${JSON.stringify(name)}: () => require(${JSON.stringify(name)})`);
  const { outputFiles, metafile } = buildSync({
    stdin: { contents: `module.exports = {\n${entries.join(",\n")}\n};`, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    logLevel: "error",
    write: false,
    metafile: true,
  });
  const text = outputFiles.map((output) => output.text).join("");
  const inputs = Object.keys(metafile.inputs)
    .filter((path) => path !== "<stdin>")
    .map((path) => {
      const { size, mtimeMs } = statSync(join(root, path));
      return [path, size, mtimeMs];
    });
  const file = `${digest(text)}.cjs`;
  keep(file, text);
  // Last, because whoever finds the manifest reads the file.
  keep(manifest, JSON.stringify({ file, inputs }));

  return /** @type {Packages} */ (evaluate(text, join(root, file)));
}

/**
 * Writes a file of the cache, whole or not at all.
 *
 * @param {string} name
 * @param {string} text
 */
function keep(name, text) {
  const path = resolve(cache, name);
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(cache, { recursive: true });
    writeFileSync(draft, text);
    renameSync(draft, path);
  } catch {
    // It cannot be kept here. The next run makes it once more.
  }
}

/** @param {string} text */
function digest(text) {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
