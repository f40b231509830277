import { isTerminal, type Report } from "./step";
import type { Progress, RunningChange } from "./terraform-events";

const PRESENT: Record<string, string> = {
  create: "creating",
  update: "updating",
  delete: "deleting",
  replace: "replacing",
};
const PAST: Record<string, string> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  replace: "replaced",
};

/** How many running changes one line names. */
const NAMED = 3;

/** Runs an apply or destroy and reports how far it is: every second in a terminal, in a few lines elsewhere. */
export async function withProgress<T>(
  report: Report,
  work: (onProgress: (progress: Progress) => void) => Promise<T>,
): Promise<T> {
  const start = Date.now();
  const elapsed = () => (Date.now() - start) / 1000;
  const logLine = progressLog();
  let latest: Progress = { event: "planned", done: 0, total: 0, running: [] };
  const ticker = isTerminal ? setInterval(() => report(describeNow(latest, elapsed())), 1000) : undefined;
  try {
    return await work((progress) => {
      latest = progress;
      const line = isTerminal ? describeNow(progress, elapsed()) : logLine(progress, elapsed());
      if (line) report(line);
    });
  } finally {
    clearInterval(ticker);
  }
}

/** What goes on right now, in one line: `34/98 · 1:12 · creating aws_lb.time_series_alb (35 s) and 2 more`. */
export function describeNow(progress: Progress, elapsedSeconds: number): string {
  const count = progress.total > 0 ? `${progress.done}/${progress.total}` : "planning";
  return [count, formatElapsed(elapsedSeconds), describeRunning(progress.running)]
    .filter(Boolean)
    .join(" · ");
}

/**
 * The lines of a log: one for each finished change, and what is running whenever nothing else was said for
 * a while. Returns a function that gives the line for an event, or `undefined` for silence.
 */
export function progressLog(
  quietSeconds = 10,
): (progress: Progress, elapsedSeconds: number) => string | undefined {
  let lastLine = 0;
  return (progress, elapsedSeconds) => {
    const { event, change } = progress;
    const isNews = event === "planned" || event === "completed" || event === "failed";
    if (!isNews && elapsedSeconds - lastLine < quietSeconds) return undefined;
    lastLine = elapsedSeconds;
    if (event === "planned") return `${progress.total} changes to make`;
    if (!isNews || !change) return describeNow(progress, elapsedSeconds);
    const verb = event === "failed" ? "failed" : (PAST[change.action] ?? change.action);
    const count = `${progress.done}/${progress.total}`;
    return `${count} · ${formatElapsed(elapsedSeconds)} · ${verb} ${change.address} (${change.seconds} s)`;
  };
}

/** `65` as `1:05`. */
export function formatElapsed(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function describeRunning(running: readonly RunningChange[]): string {
  const named = running.slice(0, NAMED).map((change) => {
    return `${PRESENT[change.action] ?? change.action} ${change.address} (${change.seconds} s)`;
  });
  const rest = running.length - named.length;
  return named.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
