import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { cached, digest, keep, root, tools } from "./cache.mjs";
import { packagesOf } from "./packages.mjs";

/** Names that an import without an extension may mean. */
const IMPORTABLE = /\.(?:[cm]?[jt]s|[jt]sx|json|css)$/;
/** Files that say where an import leads, and what is compiled to what. */
const SETTINGS = /^(?:[jt]sconfig.*|package)\.json$/;

/**
 * @typedef {object} Source
 * @property {string} text All source that an entry imports, as one CommonJS file.
 * @property {readonly string[]} names Packages that it imports.
 */

/**
 * @typedef {object} Origin What a text was compiled from. Paths are those seen from the project.
 * @property {readonly string[]} inputs Files of source.
 * @property {readonly string[]} asked The same and others, as the imports name them.
 */

/** @typedef {Source & Origin & { digest?: string }} Kept */

/**
 * The compiled source of an entry. It is kept for the next time, and compiled anew when anything that it was
 * compiled from is not what it was.
 *
 * @param {string} entry
 * @returns {Promise<Source>}
 */
export async function loadSource(entry) {
  const file = `source-${digest(relative(root, resolve(entry)))}.json`;
  const kept = readKept(file);
  const now = kept && digestOf(kept);
  if (kept && now !== undefined && now === kept.digest) return kept;

  const compiled = await compile(entry);
  const after = digestOf(compiled);
  // Valid only where nothing changed meanwhile: nobody knows what of an edit the compiler saw.
  keep(file, JSON.stringify({ ...compiled, digest: after === now ? after : undefined }));
  return compiled;
}

/**
 * @param {string} file
 * @returns {Kept | undefined}
 */
function readKept(file) {
  try {
    return JSON.parse(readFileSync(cached(file), "utf8")) ?? undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} entry
 * @returns {Promise<Source & Origin>}
 */
async function compile(entry) {
  const { build } = await import("esbuild");
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [resolve(entry)],
    outfile: `${resolve(entry)}.cjs`,
    bundle: true,
    packages: "external",
    format: "cjs",
    platform: "node",
    target: "node20",
    sourcemap: "inline",
    write: false,
    metafile: true,
  });
  return {
    inputs: Object.keys(metafile.inputs),
    asked: Object.entries(metafile.inputs).flatMap(([path, { imports }]) =>
      imports.filter(({ external }) => !external).map(({ original = "" }) => join(dirname(path), original)),
    ),
    names: packagesOf(metafile),
    text: outputFiles.map(({ text }) => text).join(""),
  };
}

/**
 * Digest of all that decides what esbuild makes of an entry. Other names count too: a new x.tsx stands before
 * x.ts, and a new x.ts before x/index.ts.
 *
 * @param {Origin} origin
 * @returns {string | undefined} undefined when a file cannot be read
 */
function digestOf({ inputs, asked }) {
  try {
    return digest([
      tools,
      inputs.map((path) => [path, readFileSync(join(root, path), "utf8")]),
      directoriesOf([...inputs, ...asked]).map((directory) => [directory, importable(directory)]),
    ]);
  } catch {
    return undefined;
  }
}

/**
 * The directories of these paths, and those above up to the project's.
 *
 * @param {readonly string[]} paths
 */
function directoriesOf(paths) {
  const directories = new Set([root]);
  for (const path of paths) {
    for (let above = dirname(resolve(root, path)); !directories.has(above); above = dirname(above))
      directories.add(above);
  }
  return [...directories];
}

/**
 * Names that an import may mean, where links lead, and what the settings say.
 *
 * @param {string} directory
 */
function importable(directory) {
  return entriesOf(directory)
    .filter((entry) => IMPORTABLE.test(entry.name) || entry.isSymbolicLink())
    .map((entry) => {
      const path = join(directory, entry.name);
      return [
        entry.name,
        entry.isSymbolicLink() && readlinkSync(path),
        SETTINGS.test(entry.name) && readFileSync(path, "utf8"),
      ];
    });
}

/** @param {string} directory */
function entriesOf(directory) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    // An import through an alias names none.
    return [];
  }
}
