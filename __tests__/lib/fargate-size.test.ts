import { describe, expect, it } from "vitest";
import { FARGATE_SIZES } from "../../src/lib/fargate-size";

/** GB of memory for each vCPU, as AWS lists them: copied by hand, so that a slip in the formula shows. */
// prettier-ignore
const GB_BY_VCPU: [number, number[]][] = [
  [0.25, [0.5, 1, 2]],
  [0.5, [1, 2, 3, 4]],
  [1, [2, 3, 4, 5, 6, 7, 8]],
  [2, [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]],
  [4, [8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30]],
  [8, [16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60]],
  [16, [32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120]],
];

describe("FARGATE_SIZES", () => {
  it.each(GB_BY_VCPU)("offers the memory of AWS's table for %s vCPU", (vcpu, gigabytes) => {
    expect(FARGATE_SIZES[vcpu * 1024]).toEqual(gigabytes.map((gb) => gb * 1024));
  });

  it("offers no other number of CPU units", () => {
    expect(Object.keys(FARGATE_SIZES).map(Number)).toEqual(GB_BY_VCPU.map(([vcpu]) => vcpu * 1024));
  });
});
