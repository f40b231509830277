// Runs the app from its TypeScript source: node runner/run.mjs main.ts
//
// See docs/decisions/0019-runner.md for what this saves and why it is not tsx.
import { resolve } from "node:path";
import { evaluate } from "./evaluate.mjs";
import { loadPackages } from "./packages.mjs";
import { loadSource } from "./source.mjs";

const [entry = "main.ts"] = process.argv.slice(2);

const { text, names } = await loadSource(entry);
const packages = await loadPackages(names);

// cdktf notes where each of its thousands of tokens was made. Only an error about a token shows that.
Error.captureStackTrace = () => undefined;
// Errors then name lines of the source.
process.setSourceMapsEnabled(true);

evaluate(text, `${resolve(entry)}.cjs`, (name) => packages[name]?.());
