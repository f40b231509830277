import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { mockClient } from "aws-sdk-client-mock";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Interruption } from "../../local/interruption";
import { filterPattern, withoutPasswords } from "../../ops/log-events";
import { type LogLine, parseSince, type TailOptions, tailLog } from "../../ops/logs";

const logs = mockClient(CloudWatchLogsClient);
const lines: LogLine[] = [];

beforeEach(() => {
  logs.reset();
  lines.length = 0;
});

afterEach(() => {
  vi.useRealTimers();
});

const event = (id: string, timestamp: number, message = `line ${id}`) => ({
  eventId: id,
  timestamp,
  message,
  logStreamName: "ecs/backend/0123456789abcdef",
});
const starts = () =>
  logs.commandCalls(FilterLogEventsCommand).map(({ args: [{ input }] }) => input.startTime);

describe("tailLog", () => {
  it("reads every page since the time that was asked for", async () => {
    logs
      .on(FilterLogEventsCommand)
      .resolvesOnce({ events: [event("a", 1_000)], nextToken: "more" })
      .resolvesOnce({ events: [], nextToken: "still more" })
      .resolvesOnce({ events: [event("b", 2_000, "line b\n")] });

    await tail({ since: 500 });

    expect(lines).toEqual([
      { time: new Date(1_000), stream: "ecs/backend/0123456789abcdef", message: "line a" },
      { time: new Date(2_000), stream: "ecs/backend/0123456789abcdef", message: "line b" },
    ]);
    expect(starts()).toEqual([500, 500, 500]);
  });

  it("follows until Ctrl-C, shows no line twice, and none too few that arrives late", async () => {
    const controller = new AbortController();
    logs
      .on(FilterLogEventsCommand)
      .resolvesOnce({ events: [event("a", 100_000)] })
      .resolvesOnce({ events: [event("late", 99_000), event("a", 100_000), event("b", 200_000)] })
      .resolvesOnce({ events: [event("b", 200_000)] })
      .callsFake(() => {
        controller.abort(new Interruption("SIGINT"));
        return { events: [] };
      });

    await expect(tail({ since: 0, follow: true, signal: controller.signal })).rejects.toBeInstanceOf(
      Interruption,
    );

    expect(lines.map(({ message }) => message)).toEqual(["line a", "line late", "line b"]);
    expect(starts()).toEqual([0, 40_000, 140_000, 140_000]);
  });

  it("goes on after a lost connection, without a gap and without a line twice", async () => {
    const reported: string[] = [];
    logs
      .on(FilterLogEventsCommand)
      .resolvesOnce({ events: [event("a", 1_000)], nextToken: "more" })
      .rejectsOnce(Object.assign(new Error("read"), { code: "ECONNRESET" }))
      .resolvesOnce({ events: [event("a", 1_000), event("b", 2_000)] });

    await tail({ report: (line) => reported.push(line) });

    expect(lines.map(({ message }) => message)).toEqual(["line a", "line b"]);
    expect(reported).toEqual(["connection lost, trying again …"]);
  });

  it("says what to do when the credentials expire meanwhile", async () => {
    const expired = Object.assign(new Error("The security token is expired"), {
      name: "ExpiredTokenException",
    });
    logs
      .on(FilterLogEventsCommand)
      .resolvesOnce({ events: [event("a", 1_000)] })
      .rejects(expired);

    await expect(tail({ follow: true })).rejects.toMatchObject({
      message: "AWS does not take the credentials (any more): The security token is expired",
      remedy: "Log in, for example with aws sso login, or set AWS_PROFILE.",
    });
  });

  it("ends with any other error", async () => {
    logs.on(FilterLogEventsCommand).rejects(new Error("InvalidParameterException"));

    await expect(tail()).rejects.toThrow("InvalidParameterException");
  });
});

it.each([
  ["GET /api/health", '"GET /api/health"'],
  ["[401]", '"[401]"'],
  ['say "no"', '"say \\"no\\""'],
  ["?ERROR ?WARNING", "?ERROR ?WARNING"],
  ['{ $.level = "error" }', '{ $.level = "error" }'],
  ["%5\\d\\d%", "%5\\d\\d%"],
  ['"as it is"', '"as it is"'],
])("filterPattern makes of %s the pattern %s", (filter, pattern) => {
  expect(filterPattern(filter)).toBe(pattern);
});

it.each([
  ["postgresql+asyncpg://postgres:p%40ss@db:5432/app", "postgresql+asyncpg://postgres:***@db:5432/app"],
  ["two redis://:a@x and https://u:b@y", "two redis://:***@x and https://u:***@y"],
  ["GET http://host:8000/a@b 200", "GET http://host:8000/a@b 200"],
  ["nothing: here@home", "nothing: here@home"],
])("withoutPasswords makes of %s %s", (line, masked) => {
  expect(withoutPasswords(line)).toBe(masked);
});

it.each([
  ["30s", -30_000],
  ["15m", -900_000],
  ["2h", -7_200_000],
  ["1d", -86_400_000],
])("parseSince takes %s", (text, difference) => {
  expect(parseSince(text, 1_000_000_000)).toBe(1_000_000_000 + difference);
});

it("parseSince takes a date and time, and nothing else", () => {
  expect(parseSince("2026-01-31T12:00Z", 0)).toBe(Date.UTC(2026, 0, 31, 12));
  for (const text of ["", "15", "m", "15 m", "yesterday", "-5m", "1"]) {
    expect(parseSince(text, 0), text).toBeUndefined();
  }
});

async function tail(options: Partial<TailOptions> = {}): Promise<void> {
  await tailLog({
    logs: new CloudWatchLogsClient({ region: "us-west-2" }),
    group: "/ecs/app",
    since: 0,
    follow: false,
    intervalMs: 1,
    signal: new AbortController().signal,
    onLine: (line) => lines.push(line),
    report: () => undefined,
    ...options,
  });
}
