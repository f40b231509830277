import { SSMClient, StartSessionCommand, TargetNotConnected } from "@aws-sdk/client-ssm";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { run, type RunOptions } from "../../../local/child-process";
import { checkPlugin, forwardPort } from "../../../ops/db/port-forwarding";

// Files share one cache of modules: none may come from a file that mocked others, or go to one that does not.
vi.hoisted(() => vi.resetModules());
afterAll(() => void vi.resetModules());

vi.mock("../../../local/child-process", () => ({ run: vi.fn() }));
vi.mock("node:timers/promises", () => ({
  setTimeout: vi.fn(async (ms: number) => (ms < 10_000 ? undefined : new Promise(() => undefined))),
}));

const { signal } = new AbortController();
const ssm = mockClient(SSMClient);
afterAll(() => ssm.restore());

beforeEach(() => {
  vi.mocked(run).mockReset();
  ssm.reset();
  ssm
    .on(StartSessionCommand)
    .resolves({ SessionId: "a-session", TokenValue: "a-token", StreamUrl: "wss://x" });
});

describe("the Session Manager plugin", () => {
  it.each([
    ["1.2.497.0", false],
    ["1.1.61.0", false],
    ["1.2.498.0", true],
    ["1.10.0.0", true],
  ])("%s keeps the token out of the process list: %s", async (stdout, does) => {
    vi.mocked(run).mockResolvedValue({ exitCode: 0, stdout, stderr: "" });

    if (does) await expect(checkPlugin(signal)).resolves.toBeUndefined();
    else await expect(checkPlugin(signal)).rejects.toThrow("is too old");
  });

  it("is asked for where it is missing, with the way to get it", async () => {
    vi.mocked(run).mockRejectedValue(new Error("could not be started"));

    await expect(checkPlugin(signal)).rejects.toMatchObject({
      message: expect.stringContaining("was not found"),
      remedy: expect.stringContaining("install-plugin"),
    });
  });
});

describe("a forwarded port", () => {
  const options = {
    target: "ecs:c_t_r",
    region: "cn-north-1",
    host: "h",
    port: 5432,
    localPort: 1,
    signal,
    report: () => undefined,
  };

  it("opens with the token in the environment and the endpoint of the region's partition", async () => {
    vi.mocked(run).mockImplementation(plugin("Waiting for connections..."));

    const { close } = await forwardPort(new SSMClient({ region: "cn-north-1" }), options);
    await close();

    const [, args, { env } = { env: {} as Record<string, string> }] = vi.mocked(run).mock.calls[0] ?? [];
    expect(args?.join(" ")).not.toContain("a-token");
    expect(args?.at(-1)).toBe("https://ssm.cn-north-1.amazonaws.com.cn/");
    expect(env.AWS_SSM_START_SESSION_RESPONSE).toContain("a-token");
  });

  it("waits for an agent that is not connected yet", async () => {
    ssm
      .on(StartSessionCommand)
      .rejectsOnce(new TargetNotConnected({ message: "not yet", $metadata: {} }))
      .resolves({ SessionId: "a-session" });
    vi.mocked(run).mockImplementation(plugin("Waiting for connections..."));

    await (await forwardPort(new SSMClient({ region: "cn-north-1" }), options)).close();

    expect(ssm.commandCalls(StartSessionCommand)).toHaveLength(2);
  });

  it("fails with what the plugin said when that ends at once", async () => {
    vi.mocked(run).mockImplementation(async (_file, _args, { onLine }) => {
      onLine?.("Cannot perform start session: EOF");
      return { exitCode: 0, stdout: "", stderr: "" };
    });

    await expect(forwardPort(new SSMClient({ region: "cn-north-1" }), options)).rejects.toThrow(
      "Cannot perform start session: EOF",
    );
  });
});

/** A plugin that says something and goes on until it is ended. */
function plugin(line: string) {
  return async (_file: string, _args: readonly string[], { signal: ending, onLine }: RunOptions) => {
    onLine?.(line);
    return new Promise<never>((_, reject) => {
      ending?.addEventListener("abort", () => reject(ending.reason as Error));
    });
  };
}
