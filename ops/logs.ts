import type { CloudWatchLogsClient, FilteredLogEvent } from "@aws-sdk/client-cloudwatch-logs";
import { credentialsProblem } from "./aws-errors";
import { logEvents, withoutPasswords } from "./log-events";
import { watch } from "./watch";

/** One line of the application's log. */
export interface LogLine {
  readonly time: Date;
  /** `ecs/backend/<task id>`, or `migration/backend/<task id>`. */
  readonly stream: string;
  /** Passwords of URLs are masked. */
  readonly message: string;
}

export interface TailOptions {
  readonly logs: CloudWatchLogsClient;
  readonly group: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** A text, or a filter pattern. */
  readonly filter?: string | undefined;
  /** Whether to go on until the signal aborts. */
  readonly follow: boolean;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  readonly onLine: (line: LogLine) => void;
  /** Says that the connection was lost. */
  readonly report: (line: string) => void;
}

/** Events may arrive late and out of order: what is younger than this is asked for again. */
const OVERLAP_MS = 60_000;

/**
 * Reads a log group, oldest line first. After a lost connection it goes on where it was, without a gap.
 *
 * @throws a Problem where the credentials are at fault, for example because they expire meanwhile.
 */
export async function tailLog(options: TailOptions): Promise<void> {
  const { logs, group, filter, follow, signal, onLine } = options;
  let since = options.since;
  let newest = since;
  /** Events that were shown and may come again. */
  const shown = new Map<string, number>();

  const readNew = async () => {
    for await (const events of logEvents(logs, { group, since, filter }, signal)) {
      for (const event of events) {
        const { eventId = "", timestamp = 0 } = event;
        if (shown.has(eventId)) continue;
        shown.set(eventId, timestamp);
        newest = Math.max(newest, timestamp);
        onLine(lineOf(event));
      }
    }
    since = Math.max(since, newest - OVERLAP_MS);
    for (const [id, timestamp] of shown) if (timestamp < since) shown.delete(id);
    return follow ? undefined : true;
  };
  await watch(readNew, { ...options, timeoutMs: Infinity }).catch((error: unknown) => {
    throw credentialsProblem(error) ?? error;
  });
}

/**
 * The moment that `15m`, `2h`, `1d`, `30s` or a date and time names, in milliseconds since 1970.
 *
 * @returns `undefined` for anything else.
 */
export function parseSince(text: string, now: number): number | undefined {
  const [, amount, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (amount !== undefined && unit !== undefined) return now - Number(amount) * (MS[unit] ?? 0);
  const time = Date.parse(text);
  return /^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(time) ? time : undefined;
}

const MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function lineOf({ timestamp = 0, logStreamName = "", message = "" }: FilteredLogEvent): LogLine {
  return {
    time: new Date(timestamp),
    stream: logStreamName,
    message: withoutPasswords(message.trimEnd()),
  };
}
