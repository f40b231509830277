import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FORGOTTEN, IN_PLACE, NEW_REVISION } from "../../adopt/changes";
import { UPGRADING, withChanges } from "../../scripts/reference";

const guide = readFileSync(UPGRADING, "utf8");

describe("docs/upgrading.md", () => {
  it("shows the reasons that the command gives: `npm run docs` writes the table", async () => {
    expect(await withChanges(guide)).toBe(guide);
    for (const reason of Object.values(IN_PLACE).flatMap((reasons) => Object.values(reasons))) {
      expect(guide).toContain(typeof reason === "string" ? reason : reason.why);
    }
  });

  it("names what is forgotten and what gets a new revision", () => {
    for (const address of [...FORGOTTEN, ...NEW_REVISION]) expect(guide).toContain(address);
  });
});
