import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { seconds } from "../../bench/report/numbers";
import { PAGE, page } from "../../bench/report/page";
import { isUntouched, PLOT, sealed } from "../../bench/report/plot";
import type { Results } from "../../bench/report/results";
import { synthSection } from "../../bench/report/synth-section";
import { median } from "../../bench/statistics";

const results = JSON.parse(readFileSync("bench/results.json", "utf8")) as Results;
const plot = readFileSync(PLOT, "utf8");

/** The same run, had the project taken so long. */
function withProjectAt(time: number): Results {
  const { synth } = results;
  return { ...results, synth: { ...synth, project: { ...synth.project, wallSeconds: [time] } } };
}

describe(PAGE, () => {
  it("is what `npm run bench -- render` makes of bench/results.json", async () => {
    expect(readFileSync(PAGE, "utf8")).toBe(await page(results));
  });

  it("says whether a target is met", () => {
    const loading = median(results.synth.loading.wallSeconds);
    const line = (timesLoading: number) =>
      synthSection(withProjectAt(timesLoading * loading))
        .split("\n")
        .find((it) => it.includes("at most 1.80 ×"));

    expect(line(1.7)).toMatch(/1\.70 × +\| met/);
    expect(line(1.9)).toMatch(/1\.90 × +\| missed/);
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
    expect(isUntouched(plot, withProjectAt(99))).toBe(false);
    expect(isUntouched(sealed('<svg width="1"></svg>', results), results)).toBe(true);
  });
});
