import { execPath } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { endGroup, identify, run, stillRuns } from "../../local/child-process";

const options = { cwd: import.meta.dirname, env: {} };
const node = (script: string, extra: Partial<Parameters<typeof run>[2]> = {}) =>
  run(execPath, ["-e", script], { ...options, ...extra });

describe("run", () => {
  test("returns the exit code and the output of a failing program", async () => {
    const result = await node("console.log('out'); console.error('err'); process.exitCode = 3");

    expect(result).toEqual({ exitCode: 3, stdout: "out", stderr: "err" });
  });

  test("passes on the given environment and nothing of its own", async () => {
    const { stdout } = await node("console.log(JSON.stringify(process.env))", { env: { ONLY: "this" } });

    expect(JSON.parse(stdout)).toEqual({ ONLY: "this" });
  });

  test("hands out lines as they come", async () => {
    const lines: string[] = [];

    await node("console.log('a\\nb')", { onLine: (line) => lines.push(line) });

    expect(lines).toEqual(["a", "b"]);
  });

  test("says so when a program cannot be started", async () => {
    await expect(run("no-such-program", [], options)).rejects.toThrow("no-such-program could not be started");
  });

  test("ends with the reason of the signal, and takes the program's children along", async () => {
    const controller = new AbortController();
    let child = 0;
    // Neither the program nor its child reacts to an interrupt.
    const script = `
      process.on("SIGINT", () => {});
      const child = require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
      child.on("spawn", () => console.log(child.pid));
      setTimeout(() => process.exit(), 300);
    `;

    const running = node(script, {
      signal: controller.signal,
      onLine: (line) => {
        child = Number(line);
        controller.abort(new Error("enough"));
      },
    });

    await expect(running).rejects.toThrow("enough");
    await expect.poll(() => identify(child)).toBeUndefined();
  });

  test("kills a program that does not end within its grace", async () => {
    const controller = new AbortController();
    const start = Date.now();

    const running = node("process.on('SIGINT', () => {}); console.log('up'); setInterval(() => {}, 1000)", {
      signal: controller.signal,
      graceMs: 100,
      onLine: () => controller.abort(new Error("enough")),
    });

    await expect(running).rejects.toThrow("enough");
    expect(Date.now() - start, "the usual grace is 4 s").toBeLessThan(3500);
  });

  test("does not start a program when the signal was aborted before", async () => {
    await expect(node("", { signal: AbortSignal.abort(new Error("too late")) })).rejects.toThrow("too late");
  });
});

describe("a process", () => {
  test("is told from another one of the same number", async () => {
    const self = await identify(process.pid);

    expect(self && (await stillRuns(self))).toBe(true);
    expect(await stillRuns({ pid: process.pid, started: "another time" })).toBe(false);
  });

  test("is gone after endGroup", async () => {
    let pid = 0;
    const running = node("console.log(process.pid); setInterval(() => {}, 1000)", {
      onLine: (line) => (pid = Number(line)),
    });
    while (pid === 0) await sleep(20);

    await endGroup(pid);

    expect(await identify(pid)).toBeUndefined();
    expect((await running).exitCode).toBeUndefined();
  });
});
