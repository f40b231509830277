import { Module } from "node:module";

/**
 * Runs a CommonJS module from its text. What it imports is found as seen from `file`.
 *
 * @param {string} text
 * @param {string} file Absolute path for stack traces. It need not exist.
 * @param {(name: string) => unknown} [load] What an import gives, where it gives anything.
 * @returns {unknown} what the module exports
 */
export function evaluate(text, file, load) {
  const made = new Module(file);
  made.filename = file;
  made.paths = nodeModules(file);
  const fromNode = made.require.bind(made);
  made.require = /** @type {NodeJS.Require} */ (
    (/** @type {string} */ name) => load?.(name) ?? fromNode(name)
  );
  // The one way to have Node apply the source map of a text. Not documented, but what every hook builds on.
  /** @type {Module & { _compile(text: string, file: string): void }} */ (made)._compile(text, file);
  return made.exports;
}

/** @param {string} file */
function nodeModules(file) {
  return /** @type {typeof Module & { _nodeModulePaths(directory: string): string[] }} */ (
    Module
  )._nodeModulePaths(file);
}
