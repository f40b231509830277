// What npm run synth and npm run local do first: the check, where there are values to check.
//
// Plain JavaScript, because a synthesis without such files must not wait for a compiler.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { tfvarsFiles } from "./tfvars-files.mjs";

const root = resolve(import.meta.dirname, "..");
const files = tfvarsFiles(root);
if (files.length > 0) {
  if (existsSync(join(root, "node_modules", "commander"))) {
    const { runProgram } = await import("../runner/program.mjs");
    await runProgram(join(import.meta.dirname, "cli.ts"), ["--if-present"]);
  } else {
    console.error(
      `The values of ${files.join(", ")} were not checked, because npm ci --omit=dev leaves the check out. terraform plan has the same rules.`,
    );
  }
}
