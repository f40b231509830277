// Runs the app from its TypeScript source: node runner/run.mjs main.ts
//
// See docs/decisions/0019-runner.md for what this saves and why it is not tsx.
import { resolve } from "node:path";
import { buildSync } from "esbuild";
import { evaluate } from "./evaluate.mjs";
import { loadPackages, packagesOf } from "./packages.mjs";

const [entry = "main.ts"] = process.argv.slice(2);
const outfile = `${resolve(entry)}.cjs`;

const { outputFiles, metafile } = buildSync({
  entryPoints: [entry],
  outfile,
  bundle: true,
  packages: "external",
  format: "cjs",
  platform: "node",
  target: "node20",
  sourcemap: "inline",
  write: false,
  metafile: true,
});
const packages = loadPackages(packagesOf(metafile));

// cdktf notes where each of its thousands of tokens was made. Only an error about a token shows that.
Error.captureStackTrace = () => undefined;
// Errors then name lines of the source.
process.setSourceMapsEnabled(true);

for (const { text } of outputFiles) evaluate(text, outfile, (name) => packages[name]?.());
