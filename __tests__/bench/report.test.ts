import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { seconds } from "../../bench/report/numbers";
import { PAGE, page } from "../../bench/report/page";
import { isUntouched, PLOT, sealed } from "../../bench/report/plot";
import type { Results } from "../../bench/report/results";
import { median } from "../../bench/statistics";

const results = JSON.parse(readFileSync("bench/results.json", "utf8")) as Results;
const plot = readFileSync(PLOT, "utf8");

const slower: Results = {
  ...results,
  synth: {
    ...results.synth,
    project: { ...results.synth.project, wallSeconds: results.synth.project.wallSeconds.map((it) => it * 9) },
  },
};

describe(PAGE, () => {
  it("is what `npm run bench -- render` makes of bench/results.json", async () => {
    expect(readFileSync(PAGE, "utf8")).toBe(await page(results));
  });

  it("says when a target is missed", async () => {
    const missed = (text: string) => text.split("missed").length - 1;

    expect(missed(await page(slower))).toBeGreaterThan(missed(await page(results)));
  });
});

describe(PLOT, () => {
  it("is drawn from bench/results.json", () => {
    expect(isUntouched(plot, results)).toBe(true);
    for (const { wallSeconds } of [results.synth.project, results.synth.template]) {
      expect(plot).toContain(`>${seconds(median(wallSeconds))}<`);
    }
  });

  it("is noticed when it was changed by hand, or is of other results", () => {
    expect(isUntouched(plot.replace("This project", "That project"), results)).toBe(false);
    expect(isUntouched(plot, slower)).toBe(false);
    expect(isUntouched(sealed('<svg width="1"></svg>', slower), slower)).toBe(true);
  });
});
