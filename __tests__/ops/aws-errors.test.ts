import { describe, expect, it, vi } from "vitest";
import { credentialsProblem, passesByItself } from "../../ops/aws-errors";
import { call, waitFor } from "../../ops/db/aws-calls";
import { EXIT } from "../../ops/problem";
import { leaving, watch } from "../../ops/watch";

const { signal } = new AbortController();
const named = (name: string) => Object.assign(new Error("as AWS says it"), { name });

const PASSING: readonly (readonly [string, Error])[] = [
  ...["ECONNABORTED", "ECONNRESET", "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH", "ENOTFOUND"].map(
    (code) => [code, Object.assign(new Error("connect"), { code })] as const,
  ),
  ...["AbortError", "RequestLimitExceeded", "ThrottlingException", "TimeoutError"].map(
    (name) => [name, named(name)] as const,
  ),
  ["a server's fault", Object.assign(new Error("busy"), { $fault: "server" })],
  [
    "a status of 503 alone",
    Object.assign(new Error("busy"), { $fault: "client", $metadata: { httpStatusCode: 503 } }),
  ],
];

const CREDENTIALS = [
  ["CredentialsProviderError", "There are no AWS credentials", EXIT.notTried],
  ["TokenProviderError", "There are no AWS credentials", EXIT.notTried],
  ["ExpiredToken", "AWS does not take the credentials", EXIT.failed],
  ["ExpiredTokenException", "AWS does not take the credentials", EXIT.failed],
  ["InvalidClientTokenId", "AWS does not take the credentials", EXIT.failed],
  ["RequestExpired", "AWS does not take the credentials", EXIT.failed],
  ["UnrecognizedClientException", "AWS does not take the credentials", EXIT.failed],
] as const;

describe("an error that passes by itself", () => {
  it.each(PASSING)("is %s, for whoever watches and whoever waits", async (_, error) => {
    const report = vi.fn();
    const look = () => vi.fn<() => Promise<string>>().mockRejectedValueOnce(error).mockResolvedValue("there");

    expect(await watch(look(), { intervalMs: 1, timeoutMs: 1_000, signal, report })).toBe("there");
    expect(await waitFor({ ask: look(), everySeconds: 0.001, forSeconds: 1, signal, report })).toBe("there");
    expect(report).toHaveBeenCalledTimes(2);
  });

  it.each([
    ["a denial", Object.assign(named("AccessDeniedException"), { $metadata: { httpStatusCode: 400 } })],
    ["what is no error", "ECONNRESET"],
  ])("is not %s", (_, error) => {
    expect(passesByItself(error)).toBe(false);
  });
});

describe("credentials that are at fault", () => {
  it.each(CREDENTIALS)("are recognised by %s, and not waited for", async (name, message, exitCode) => {
    const error = named(name);
    const ask = () => Promise.reject(error);
    const unattended = { state: "It goes on.", remedy: "Look again." };

    expect(passesByItself(error)).toBe(false);
    await expect(call(signal, ask)).rejects.toMatchObject({
      message: expect.stringContaining(message),
      exitCode,
    });
    await expect(leaving(unattended, signal, ask)).rejects.toThrow(
      "The AWS credentials have expired. It goes on.",
    );
  });

  it("are not what anything else is about", () => {
    expect(credentialsProblem(named("AccessDenied"))).toBeUndefined();
    expect(credentialsProblem(undefined)).toBeUndefined();
  });
});
