import { describe, expect, it } from "vitest";
import { median, quantile } from "../../bench/statistics";

describe("median", () => {
  it("is the value in the middle, in whatever order they come", () => {
    expect(median([9, 1, 2])).toBe(2);
    expect(median([10, 9, 2, 1])).toBe(5.5);
    expect(median([7])).toBe(7);
  });
});

describe("quantile", () => {
  it("interpolates between neighbours", () => {
    expect([0, 0.25, 0.5, 0.75, 1].map((fraction) => quantile([4, 1, 2, 3, 10], fraction))).toEqual([
      1, 2, 3, 4, 10,
    ]);
    expect(quantile([0, 10], 0.25)).toBe(2.5);
  });

  it("refuses to speak about nothing", () => {
    expect(() => quantile([], 0.5)).toThrow("no values");
  });
});
