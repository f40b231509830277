import { readFileSync, statSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { join } from "node:path";
import { cached, digest, keep, maker, root } from "./cache.mjs";
import { evaluate } from "./evaluate.mjs";

/** @typedef {Record<string, () => unknown>} Packages what loads each package, by name */
/** @typedef {readonly [path: string, size: number, modified: number]} Input */

/** They find files in a way that only Node understands, so Node loads them. */
const UNBUNDLED = new Set(["@cdktf/hcl2json", "esbuild", "jsonc-parser", "prettier"]);

/**
 * Names of the packages, and files in packages, that a bundle imports. An `import()` is left to Node.
 *
 * @param {import("esbuild").Metafile} metafile
 */
export function packagesOf({ inputs }) {
  const imported = Object.values(inputs).flatMap(({ imports }) => imports);
  const names = imported
    .filter(({ external, kind }) => external && kind !== "dynamic-import")
    .map(({ path }) => path);
  return [...new Set(names)].filter((name) => !isBuiltin(name) && !UNBUNDLED.has(name)).sort();
}

/**
 * The packages of these names, as one file that is made once: reading one file is several times as fast as
 * finding and reading hundreds.
 *
 * The file is named after its content. It is made anew when a package, or any file of one, is another than
 * it was. Where it cannot be kept, as in a read-only checkout, it is made each time.
 *
 * @param {readonly string[]} names
 * @returns {Promise<Packages>}
 */
export async function loadPackages(names) {
  const manifest = `packages-${digest([maker, names])}.json`;
  const kept = findKept(manifest);
  return kept === undefined ? bundle(names, manifest) : createRequire(import.meta.url)(kept);
}

/** @param {string} manifest */
function findKept(manifest) {
  try {
    /** @type {{ file: string, size: number, inputs: Input[] }} */
    const { file, size, inputs } = JSON.parse(readFileSync(cached(manifest), "utf8"));
    const isFresh = inputs.every(([path, size, modified]) => {
      const now = statSync(join(root, path));
      return now.size === size && now.mtimeMs === modified;
    });
    const path = cached(file);
    return isFresh && statSync(path).size === size ? path : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {readonly string[]} names
 * @param {string} manifest
 * @returns {Promise<Packages>}
 */
async function bundle(names, manifest) {
  const { build } = await import("esbuild");
  const entries = names.map((name) => `${JSON.stringify(name)}: () => require(${JSON.stringify(name)})`);
  const { outputFiles, metafile } = await build({
    stdin: { contents: `module.exports = {\n${entries.join(",\n")}\n};`, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    logLevel: "error",
    // Such a package asks where its file is, so it belongs to those that are not bundled.
    logOverride: { "empty-import-meta": "error" },
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
  const file = `packages-${digest(text)}.cjs`;
  keep(file, text);
  // Last, because whoever finds the manifest reads the file.
  keep(manifest, JSON.stringify({ file, size: Buffer.byteLength(text), inputs }));

  return /** @type {Packages} */ (evaluate(text, join(root, file)));
}
