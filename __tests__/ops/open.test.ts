import { Command } from "commander";
import openInBrowser from "open";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { openCommand } from "../../ops/commands/open";
import { Deployment, readDeployment } from "../../ops/deployment";
import { addGlobals } from "../../ops/globals";

// Files share one cache of modules: none may come from a file that mocked others, or go to one that does not.
vi.hoisted(() => vi.resetModules());
afterAll(() => void vi.resetModules());

// The browser, the signals of this process, and the Terraform that would be asked.
vi.mock("open", () => ({ default: vi.fn() }));
vi.mock("../../local/interruption", () => ({ abortOnInterruption: () => new AbortController().signal }));
vi.mock("../../ops/deployment", async (original) => ({
  ...(await original<object>()),
  readDeployment: vi.fn(),
}));

const outputs = {
  application_url: "http://the-application",
  health_check_url: "http://the-application/api/health",
  dashboard_url: "https://the-dashboard",
};
const printed = vi.spyOn(console, "log");

beforeEach(() => {
  printed.mockReset().mockReturnValue(undefined);
  vi.mocked(openInBrowser).mockReset();
  vi.mocked(readDeployment).mockResolvedValue(
    new Deployment(
      Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, { value, sensitive: false }])),
    ),
  );
});

describe("open", () => {
  it.each([
    [[], outputs.application_url],
    [["application"], outputs.application_url],
    [["health"], outputs.health_check_url],
    [["dashboard"], outputs.dashboard_url],
  ])("%j opens %s, and prints it", async (args, url) => {
    await open(...args);

    expect(openInBrowser).toHaveBeenCalledExactlyOnceWith(url);
    expect(printed).toHaveBeenCalledExactlyOnceWith(url);
  });

  it("only prints with --print", async () => {
    await open("dashboard", "--print");

    expect(openInBrowser).not.toHaveBeenCalled();
    expect(printed).toHaveBeenCalledExactlyOnceWith(outputs.dashboard_url);
  });

  it("gives machines JSON, and no browser", async () => {
    await open("--json");

    expect(openInBrowser).not.toHaveBeenCalled();
    expect(JSON.parse(String(printed.mock.calls[0]?.[0]))).toEqual({ url: outputs.application_url });
  });

  it("rejects another place, and names those that there are", async () => {
    await expect(open("database")).rejects.toThrow("application, health, dashboard");
  });
});

async function open(...args: string[]): Promise<void> {
  const command = openCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  await addGlobals(new Command())
    .addCommand(command)
    .parseAsync(["open", ...args], { from: "user" });
}
