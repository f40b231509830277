import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

/** The project's directory. */
export const root = resolve(import.meta.dirname, "..");

/** `npm ci` empties it. */
const directory = join(root, "node_modules", ".cache", "runner");

/** @param {string} name */
export function cached(name) {
  return join(directory, name);
}

/**
 * Writes a file of the cache, whole or not at all.
 *
 * @param {string} name
 * @param {string} text
 */
export function keep(name, text) {
  const draft = cached(`${name}.${randomUUID()}`);
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(draft, text);
    renameSync(draft, cached(name));
  } catch {
    // It cannot be kept here. The next run makes it once more.
  }
}

/** @param {unknown} value What JSON can say. */
export function digest(value) {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 32);
}

/** What the files of the cache are made for and with: this project, the runner and its options, esbuild, Node. */
export const maker = digest([
  root,
  process.version,
  readFileSync(createRequire(import.meta.url).resolve("esbuild/package.json"), "utf8"),
  ...readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith(".mjs"))
    .map((name) => readFileSync(join(import.meta.dirname, name), "utf8")),
]);
