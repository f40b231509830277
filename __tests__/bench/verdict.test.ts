import { describe, expect, it } from "vitest";
import { inWords, judge, type Pair } from "../../bench/compare/verdict";
import type { Sample } from "../../bench/run/samples";

const RUN: Sample = { wallSeconds: 0.4, cpuSeconds: 0.5, peakMiB: 100 };

/** A pair of which the second run takes `factors` times as much, on a machine that is `noise` times as slow. */
function pair(factors: Partial<Sample>, noise = 1): Pair {
  const scaled = ({ wallSeconds, cpuSeconds, peakMiB }: Sample): Sample => ({
    wallSeconds: wallSeconds * noise,
    cpuSeconds: cpuSeconds * noise,
    peakMiB,
  });
  return {
    before: scaled(RUN),
    after: scaled({
      wallSeconds: RUN.wallSeconds * (factors.wallSeconds ?? 1),
      cpuSeconds: RUN.cpuSeconds * (factors.cpuSeconds ?? 1),
      peakMiB: RUN.peakMiB * (factors.peakMiB ?? 1),
    }),
  };
}

describe("judge", () => {
  it("lets a change pass that takes 15 % longer", () => {
    expect(judge([pair({ wallSeconds: 1.149, cpuSeconds: 1.149 })]).isTooSlow).toBe(false);
  });

  it.each([{ wallSeconds: 1.16 }, { cpuSeconds: 1.16 }])("stops one that needs more: %o", (factors) => {
    expect(judge([pair(factors)]).isTooSlow).toBe(true);
  });

  it("sees a slower change on a machine whose speed goes up and down", () => {
    const noise = [1, 5, 2, 8, 3, 1, 4, 2, 9];

    expect(judge(noise.map((factor) => pair({ wallSeconds: 1.25 }, factor))).time.ratio).toBeCloseTo(1.25);
    expect(judge(noise.map((factor) => pair({}, factor))).time.ratio).toBeCloseTo(1);
  });

  it("is not led astray by a few runs that something else disturbed", () => {
    const pairs = [...Array(7).fill(pair({})), ...Array(3).fill(pair({ wallSeconds: 30, cpuSeconds: 3 }))];

    expect(judge(pairs)).toMatchObject({ isTooSlow: false, time: { ratio: 1 }, cpuTime: { ratio: 1 } });
  });

  it("says nothing against a change when the runs contradict each other", () => {
    const pairs = [0.7, 0.8, 0.9, 1.2, 1.3, 1.6, 1.7].map((factor) => pair({ wallSeconds: factor }));

    expect(judge(pairs)).toMatchObject({ isTooSlow: false, time: { ratio: 1.2 } });
  });

  it("knows that memory is not time", () => {
    expect(judge([pair({ peakMiB: 2 })])).toMatchObject({ isTooSlow: false, peakMemory: { ratio: 2 } });
  });
});

describe("inWords", () => {
  const base = "0123456789abcdef";

  it("gives the times of both, the ratio and what follows", () => {
    const verdict = judge([pair({ wallSeconds: 1.25 })]);
    const text = inWords({ kind: "compared", base, isOutputTheSame: true, ...verdict });

    expect(text).toContain("0123456");
    expect(text).toContain("0.40 s → 0.50 s, 1.25 ×");
    expect(text).toContain("The output is the same.");
    expect(text).toContain("Too slow: more than 1.15 ×.");
  });

  it("says why there was nothing to compare", () => {
    expect(inWords({ kind: "nothing to compare", base, reason: "it is empty." })).toBe(
      "Nothing to compare with 0123456: it is empty.",
    );
  });
});
