import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import { measure } from "../../bench/run/measure";

const { signal } = new AbortController();
const node = (script: string) =>
  measure({ file: process.execPath, args: ["--eval", script], cwd: tmpdir(), env: {} }, signal);

it("measures the time, CPU time and memory of a program", async () => {
  const { wallSeconds, cpuSeconds, peakMiB } = await node(`
    const memory = Buffer.alloc(150 * 2 ** 20, 1);
    while (process.cpuUsage().user < 60_000) memory.length;
    setTimeout(() => undefined, 100);
  `);

  expect(wallSeconds).toBeGreaterThan(0.15);
  expect(cpuSeconds).toBeGreaterThan(0.06);
  expect(peakMiB).toBeGreaterThan(150);
});

it("measures what a program starts, and not who started it", async () => {
  const memory = Buffer.alloc(200 * 2 ** 20, 1);
  const { peakMiB } = await node("setTimeout(() => undefined, 1)");
  const { cpuSeconds } = await node(
    `require("node:child_process").execFileSync(process.execPath, ["--eval", "while (process.cpuUsage().user < 200_000);"])`,
  );

  expect(peakMiB).toBeLessThan(memory.length / 2 ** 20);
  expect(cpuSeconds).toBeGreaterThan(0.2);
});

it("says what a failed program said", async () => {
  await expect(node('throw new Error("no such thing")')).rejects.toThrow("no such thing");
});
