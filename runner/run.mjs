// Runs a program from its TypeScript source: node runner/run.mjs main.ts
//
// See docs/decisions/0019-runner.md for what this saves and why it is not tsx.
import { runProgram } from "./program.mjs";

const [entry = "main.ts", ...args] = process.argv.slice(2);

await runProgram(entry, args);
