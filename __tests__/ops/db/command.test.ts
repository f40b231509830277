import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { Command } from "commander";
import { afterAll, describe, expect, it, vi } from "vitest";
import { dbCommand } from "../../../ops/commands/db";
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

async function db(...args: string[]): Promise<void> {
  const command = dbCommand();
  for (const each of command.commands) each.configureOutput({ writeErr: () => undefined });
  await addGlobals(new Command())
    .addCommand(command)
    .parseAsync(["db", ...args], { from: "user" });
}
