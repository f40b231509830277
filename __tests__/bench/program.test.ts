import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { benchProgram } from "../../bench/program";

it.each([".github/workflows/ci.yml", "docs/performance.md", "CONTRIBUTING.md", "bench/README.md"])(
  "has the commands that %s names",
  (file) => {
    const commands = benchProgram().commands.map((command) => command.name());

    for (const [, command] of readFileSync(file, "utf8").matchAll(/npm run bench -- ([\w-]+)/g)) {
      expect(commands).toContain(command);
    }
  },
);
