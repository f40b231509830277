import { afterEach, describe, expect, it, vi } from "vitest";
import { abortOnInterruption, leaveInterruptsToForeground } from "../../local/interruption";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const before = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]));

// What Ctrl-C and kill do to this process is to call the listeners: the tests run in it.
afterEach(() => {
  for (const signal of SIGNALS) {
    for (const listener of added(signal)) process.removeListener(signal, listener);
  }
});
vi.spyOn(process.stderr, "write").mockReturnValue(true);

describe("an interruption", () => {
  it("aborts", () => {
    const signal = abortOnInterruption("the test");

    receive("SIGINT");

    expect(signal.reason).toMatchObject({ name: "Interruption", exitCode: 130 });
  });

  it("by Ctrl-C is left to a program in the foreground while that runs, and aborts again afterwards", async () => {
    const signal = abortOnInterruption("the test");

    await leaveInterruptsToForeground(async () => receive("SIGINT"));
    expect(signal.aborted).toBe(false);

    receive("SIGINT");
    expect(signal.aborted).toBe(true);
  });

  it("by another signal aborts all the same", async () => {
    const signal = abortOnInterruption("the test");

    await leaveInterruptsToForeground(async () => receive("SIGTERM"));

    expect(signal.reason).toMatchObject({ exitCode: 143 });
  });
});

function receive(signal: (typeof SIGNALS)[number]): void {
  for (const listener of added(signal)) listener(signal);
}

function added(signal: (typeof SIGNALS)[number]) {
  return process.listeners(signal).filter((listener) => !before.get(signal)?.includes(listener));
}
