// What npm run synth and npm run local do first: the check, where there are values to check.
//
// Plain JavaScript, because a synthesis without such files must not wait for a compiler.
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { runProgram } from "../runner/program.mjs";
import { tfvarsFiles } from "./tfvars-files.mjs";

const files = tfvarsFiles(resolve(import.meta.dirname, ".."));
if (files.length > 0) {
  if (isInstalled("commander")) {
    await runProgram(join(import.meta.dirname, "cli.ts"), ["--if-present"]);
  } else {
    console.error(
      `The values of ${files.join(", ")} were not checked, because npm ci --omit=dev leaves the check out. terraform plan has the same rules.`,
    );
  }
}

/** @param {string} name */
function isInstalled(name) {
  try {
    return Boolean(createRequire(import.meta.url).resolve(name));
  } catch {
    return false;
  }
}
