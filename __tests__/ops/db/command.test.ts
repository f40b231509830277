import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { Command } from "commander";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { dbCommand } from "../../../ops/commands/db";
import { drill, removeLeftover } from "../../../ops/db/drill";
import { readDeployment } from "../../../ops/deployment";
import { addGlobals } from "../../../ops/globals";

// Files share one cache of modules: none may come from a file that mocked others, or go to one that does not.
vi.hoisted(() => vi.resetModules());
afterAll(() => void vi.resetModules());

// The signals of this process, and the Terraform that would be asked: nothing here gets as far.
vi.mock("../../../local/interruption", () => ({
  abortOnInterruption: () => new AbortController().signal,
  leaveInterruptsToForeground: vi.fn(),
}));
vi.mock("../../../ops/deployment", async (original) => ({
  ...(await original<object>()),
  readDeployment: vi.fn(),
}));
vi.mock("../../../ops/values", () => ({
  StackValues: class {
    effective = async () => ({ app_name: "the", aws_region: "us-west-2" });
  },
}));
vi.mock("../../../ops/db/drill", () => ({ drill: vi.fn(), removeLeftover: vi.fn() }));

beforeEach(() => void vi.mocked(readDeployment).mockClear());

describe("db", () => {
  it.each([
    [["tunnel", "--port", "80"], "a whole number from 1024 to 65535"],
    [["dump", "a", "--hours", "49"], "a whole number from 1 to 48"],
    [["psql", "--json"], "psql prints what psql prints"],
    [["dump"], "missing required argument 'file'"],
  ])("%j is refused: %s", async (args, message) => {
    await expect(db(...args)).rejects.toThrow(message);
    expect(readDeployment).not.toHaveBeenCalled();
  });

  it("opens no tunnel at a port that is taken", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;

    await expect(db("tunnel", "--port", String(port))).rejects.toThrow(
      `Port ${port} of this machine is taken`,
    );
    expect(readDeployment).not.toHaveBeenCalled();
    server.close();
  });
});

describe("db drill", () => {
  const print = vi.spyOn(console, "log").mockReturnValue();
  afterAll(() => print.mockRestore());
  afterEach(() => {
    process.exitCode = undefined;
  });

  it.each([
    ["removed", undefined],
    ["deleting", undefined],
    ["left", 1],
  ] as const)("prints its result, and with a throw-away that is %s ends with %s", async (fate, exitCode) => {
    const result = { snapshot: "s", snapshotCreatedAt: "today", restoreSeconds: 60, compared: [] };
    vi.mocked(drill).mockResolvedValue({ ...result, throwAway: fate });

    await db("drill", "--json");

    expect(JSON.parse(String(print.mock.lastCall))).toMatchObject({ throwAway: fate });
    expect(process.exitCode).toBe(exitCode);
  });

  it("--remove needs nothing of the state, which half a destroy leaves without outputs", async () => {
    await db("drill", "--remove");

    expect(removeLeftover).toHaveBeenCalledWith(
      expect.objectContaining({ appName: "the", region: "us-west-2" }),
      expect.anything(),
    );
    expect(readDeployment).not.toHaveBeenCalled();
  });
});

async function db(...args: string[]): Promise<void> {
  const command = dbCommand();
  for (const each of command.commands) each.configureOutput({ writeErr: () => undefined });
  await addGlobals(new Command())
    .addCommand(command)
    .parseAsync(["db", ...args], { from: "user" });
}
