import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { cached, digest, keep, maker, root } from "./cache.mjs";
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
 * @typedef {object} Origin What a source was compiled from.
 * @property {readonly string[]} files Seen from the project.
 * @property {readonly string[]} directories Where imports were looked for.
 */

/**
 * The compiled source of an entry. It is kept for the next time, and compiled anew when anything that it was
 * compiled from is not what it was.
 *
 * @param {string} entry
 * @returns {Promise<Source>}
 */
export async function loadSource(entry) {
  const file = `source-${digest(resolve(entry))}.json`;
  const kept = readKept(file);
  const before = kept && digestOf(kept);
  if (kept && before !== undefined && before === kept.digest) return kept;

  const { source, warnings } = await compile(entry);
  const after = digestOf(source);
  // Of an edit meanwhile nobody knows whether esbuild saw it. And a warning has to be seen each time.
  const isSure = after === before && warnings.length === 0;
  keep(file, JSON.stringify({ ...source, digest: isSure ? after : undefined }));
  return source;
}

/**
 * @param {string} file
 * @returns {(Source & Origin & { digest?: string }) | undefined} without a digest where it must not be used
 */
function readKept(file) {
  try {
    return JSON.parse(readFileSync(cached(file), "utf8")) ?? undefined;
  } catch {
    return undefined;
  }
}

/**
 * Each module keeps its own `import.meta`, which CommonJS does not have: a constant stands for it.
 *
 * @type {import("esbuild").Plugin}
 */
const importMeta = {
  name: "import-meta",
  setup({ onLoad }) {
    onLoad({ filter: /\.[cm]?[jt]sx?$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      if (!text.includes("import.meta")) return undefined;
      const meta = { dirname: dirname(path), filename: path, url: pathToFileURL(path) };
      return { contents: `const __importMeta = ${JSON.stringify(meta)}; ${text}`, loader: "default" };
    });
  },
};

/** @param {string} entry */
async function compile(entry) {
  const { build } = await import("esbuild");
  const { outputFiles, metafile, warnings } = await build({
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
    plugins: [importMeta],
    define: { "import.meta": "__importMeta" },
  });
  const source = {
    files: Object.keys(metafile.inputs),
    directories: directoriesOf(metafile),
    names: packagesOf(metafile),
    text: outputFiles.map(({ text }) => text).join(""),
  };
  return { source, warnings };
}

/**
 * The directories of all files, those that imports name (a link may stand there), and those above, up to the
 * project's.
 *
 * @param {import("esbuild").Metafile} metafile
 */
function directoriesOf({ inputs }) {
  const directories = new Set([root]);
  for (const [file, { imports }] of Object.entries(inputs)) {
    const local = imports.filter(({ external }) => !external);
    const named = local.map(({ original = "" }) => join(dirname(file), original));
    for (const path of [file, ...named]) {
      for (let above = dirname(resolve(root, path)); !directories.has(above); above = dirname(above))
        directories.add(above);
    }
  }
  return [...directories];
}

/**
 * Digest of all that decides what esbuild makes of an entry. Other names count too: a new x.tsx stands before
 * x.ts, and a new x.ts before x/index.ts.
 *
 * @param {Origin} origin
 * @returns {string | undefined} undefined when a file cannot be read
 */
function digestOf({ files, directories }) {
  try {
    return digest([
      maker,
      files.map((path) => [path, readFileSync(join(root, path), "utf8")]),
      directories.map((directory) => [directory, importable(directory)]),
    ]);
  } catch {
    return undefined;
  }
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
