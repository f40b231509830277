import { setTimeout as sleep } from "node:timers/promises";
import { StartSessionCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { run } from "../../local/child-process";
import type { Report } from "../../local/step";
import { EXIT, Problem } from "../problem";
import { call, isAwsError, waitFor } from "./aws-calls";

const PLUGIN = "session-manager-plugin";
const INSTALL =
  "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html";
/** Versions after this one take a session's token from the environment. Older ones want it where `ps` shows it. */
const TOKEN_IN_ARGUMENTS = "1.2.497.0";
/** The variable that the plugin reads the session from, and removes. */
const SESSION_VARIABLE = "AWS_SSM_START_SESSION_RESPONSE";
const OPEN_WITHIN_MS = 60_000;

export interface ForwardingOptions {
  /** The machine to go through, for example `ecs:<cluster>_<task>_<runtime>`. */
  readonly target: string;
  readonly region: string;
  /** What to reach from there. */
  readonly host: string;
  readonly port: number;
  /** TCP port of this machine. */
  readonly localPort: number;
  readonly signal: AbortSignal;
  readonly report: Report;
}

/** A port of this machine that leads to another one. */
export interface Forwarding {
  readonly localPort: number;
  /** Resolves with what the plugin said when the session ends by itself. Rejects when it was ended. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

/**
 * Looks for the Session Manager plugin.
 *
 * @throws Problem when it is missing or too old.
 */
export async function checkPlugin(signal: AbortSignal): Promise<void> {
  const version = await run(PLUGIN, ["--version"], { cwd: process.cwd(), env: environment(), signal }).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
  signal.throwIfAborted();
  if (version === undefined) {
    throw new Problem(`${PLUGIN} was not found: sessions through AWS need it.`, `Install it: ${INSTALL}`);
  }
  if (version.localeCompare(TOKEN_IN_ARGUMENTS, "en", { numeric: true }) <= 0) {
    throw new Problem(
      `${PLUGIN} ${version} is too old: it shows the token of a session in the process list.`,
      `Install one after ${TOKEN_IN_ARGUMENTS}: ${INSTALL}`,
    );
  }
}

/**
 * Opens a port on this machine that leads to `host` by way of `target`. Close it, or abort `signal`.
 *
 * @throws Problem when the session does not come about.
 */
export async function forwardPort(ssm: SSMClient, options: ForwardingOptions): Promise<Forwarding> {
  const { target, region, host, port, localPort, signal, report } = options;
  const request = {
    Target: target,
    DocumentName: "AWS-StartPortForwardingSessionToRemoteHost",
    Parameters: { host: [host], portNumber: [String(port)], localPortNumber: [String(localPort)] },
  };
  const session = await waitFor({
    everySeconds: 3,
    forSeconds: OPEN_WITHIN_MS / 1000,
    signal,
    report,
    ask: () =>
      call(signal, (send) => ssm.send(new StartSessionCommand(request), send)).catch((error: unknown) => {
        // The agent says that it runs a moment before it is connected.
        if (isAwsError(error, "TargetNotConnected")) return undefined;
        throw error;
      }),
  });
  if (!session) throw notOpen(`${target} is not connected to Systems Manager.`);

  const { SessionId, StreamUrl, TokenValue } = session;
  const { url: endpoint } = ssm.config.endpointProvider({ Region: region });
  const closing = new AbortController();
  const lines: string[] = [];
  let opened: () => void = () => undefined;
  const open = new Promise<void>((resolve) => (opened = resolve));
  const plugin = run(
    PLUGIN,
    [
      SESSION_VARIABLE,
      region,
      "StartSession",
      process.env.AWS_PROFILE ?? "",
      JSON.stringify(request),
      endpoint.href,
    ],
    {
      cwd: process.cwd(),
      env: { ...environment(), [SESSION_VARIABLE]: JSON.stringify({ SessionId, StreamUrl, TokenValue }) },
      signal: AbortSignal.any([signal, closing.signal]),
      onLine: (line) => {
        if (line.trim()) lines.push(line.trim());
        if (/waiting for connections/i.test(line)) opened();
      },
    },
  );
  const said = () => lines.slice(-3).join(" ") || "It said nothing.";
  const ended = plugin.then(({ stderr }) => stderr.trim() || said());
  // Whoever waits for it hears of a failure. Nobody has to wait.
  ended.catch(() => undefined);
  const close = async () => {
    closing.abort();
    await plugin.catch(() => undefined);
  };

  const timer = new AbortController();
  try {
    const failure = await Promise.race([
      open,
      ended.then((why) => `${PLUGIN} ended: ${why}`),
      sleep(OPEN_WITHIN_MS, undefined, { signal: timer.signal }).then(
        () => `${PLUGIN} opened no port: ${said()}`,
      ),
    ]);
    if (failure) throw notOpen(failure);
  } catch (error) {
    await close();
    throw error;
  } finally {
    timer.abort();
  }
  return { localPort, ended, close };
}

function notOpen(why: string): Problem {
  return new Problem(`The session through AWS did not open. ${why}`, "Try again.", EXIT.failed);
}

/** The plugin asks AWS with the credentials of whoever runs this. */
function environment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
