import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import packageJson from "../package.json";
import { README, withReference } from "../scripts/reference";
import { wholeStack } from "./helpers/synth";

const documents = [
  "README.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  ...readdirSync("docs", { recursive: true, encoding: "utf8" }).map((name) => path.join("docs", name)),
].filter((name) => name.endsWith(".md"));

describe("README", () => {
  it("lists every input and output as they are: `npm run docs` writes the tables", async () => {
    const readme = readFileSync(README, "utf8");
    const { variable, output } = wholeStack().json;

    expect(await withReference(readme, { variable, output })).toBe(readme);
  });

  it("shows the two commands that do everything", () => {
    const readme = readFileSync(README, "utf8");

    expect(readme).toContain("```bash\nnpm ci && npm run local\n```");
    expect(readme).toContain("```bash\nnpm ci && npm test\n```");
  });
});

describe.each(documents)("%s", (document) => {
  const text = readFileSync(document, "utf8");

  it("links to files and headings that exist", () => {
    const targets = [...text.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, target = ""]) => target);
    const broken = targets.filter((target) => {
      const [file = "", heading] = target.split("#");
      const linked = file === "" ? document : path.join(path.dirname(document), file);
      return !existsSync(linked) || (heading !== undefined && !headings(linked).includes(heading));
    });

    expect(broken).toEqual([]);
  });

  it("names only npm scripts that exist", () => {
    const scripts = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, script = ""]) => script);

    expect(scripts.filter((script) => !(script in packageJson.scripts))).toEqual([]);
  });

  it("names only variables that exist", () => {
    const example = readFileSync("terraform.tfvars.example", "utf8");
    const known = new Set([...example.matchAll(/^(?:# )?(\w+) *= /gm)].map(([, name]) => name));
    const assigned = [...text.matchAll(/`(\w+) = [^`]*`/g)].map(([, name = ""]) => name);

    expect(assigned.filter((name) => !known.has(name))).toEqual([]);
  });
});

/** Anchors of a document's headings, as GitHub makes them. */
function headings(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}
