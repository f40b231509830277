import {
  type CloudWatchLogsClient,
  FilterLogEventsCommand,
  type FilteredLogEvent,
  GetLogEventsCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-cloudwatch-logs";

/** One log stream: what one container of one task wrote. */
export interface LogStream {
  readonly group: string;
  readonly stream: string;
}

/** The last lines of a stream, oldest first; none when the container never wrote any. */
export async function lastLines(
  logs: CloudWatchLogsClient,
  { group, stream }: LogStream,
  count: number,
  signal: AbortSignal,
): Promise<string[]> {
  try {
    const { events = [] } = await logs.send(
      new GetLogEventsCommand({
        logGroupName: group,
        logStreamName: stream,
        limit: count,
        startFromHead: false,
      }),
      { abortSignal: signal },
    );
    return events.map(({ message = "" }) => withoutPasswords(message.trimEnd()));
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return [];
    throw error;
  }
}

export interface LogQuery {
  readonly group: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** A text, or a filter pattern. */
  readonly filter?: string | undefined;
}

/**
 * The events of all streams of a group, oldest first, page by page.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 */
export async function* logEvents(
  logs: CloudWatchLogsClient,
  { group, since, filter }: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<FilteredLogEvent[]> {
  let nextToken: string | undefined;
  do {
    const page = await logs.send(
      new FilterLogEventsCommand({
        logGroupName: group,
        startTime: since,
        filterPattern: filter === undefined ? undefined : filterPattern(filter),
        nextToken,
      }),
      { abortSignal: signal },
    );
    yield page.events ?? [];
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}

/**
 * A filter pattern as it is, or one that finds a text: without quotation marks CloudWatch takes `GET /api`
 * for two words and refuses `[401]`. `{ … }` is a pattern over JSON, `%…%` a regular expression, `?a ?b` one of
 * several words, `"…"` a quoted text.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function filterPattern(filter: string): string {
  const isPattern = /^(\{.*\}|%.*%|".*"|\?.*)$/s.test(filter.trim());
  return isPattern ? filter : `"${filter.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** A line without the passwords of the URLs in it: an application that fails likes to log its DATABASE_URL. */
export function withoutPasswords(line: string): string {
  return line.replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/@]+@/gi, "$1:***@");
}
