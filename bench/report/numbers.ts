import { median, quantile } from "../statistics";

export const seconds = (value: number) => `${value.toFixed(2)} s`;
export const mebibytes = (value: number) => `${Math.round(value)} MiB`;
export const times = (ratio: number) => `${ratio.toFixed(ratio < 10 ? 2 : 1)} ×`;

/** The range that the middle half of the values is in. */
export function middleHalf(values: readonly number[]): string {
  return `${quantile(values, 0.25).toFixed(2)} to ${quantile(values, 0.75).toFixed(2)} s`;
}

/** How many times as much the one takes as the other, by their medians. */
export function ratio(values: readonly number[], base: readonly number[]): number {
  return median(values) / median(base);
}
