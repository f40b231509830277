// What npm run synth and npm run local do first: the check, where there are values to check.
//
// Plain JavaScript, because a synthesis without such files must not wait for a compiler.
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { tfvarsFiles } from "./tfvars-files.mjs";

const files = tfvarsFiles(resolve(import.meta.dirname, ".."));
if (files.length > 0) {
  if (isInstalled("tsx")) {
    process.argv.push("--if-present");
    const { tsImport } = await import("tsx/esm/api");
    await tsImport("./cli.ts", import.meta.url);
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
