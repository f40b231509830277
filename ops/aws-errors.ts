import { EXIT, Problem } from "./problem";

const NETWORK_CODES = new Set([
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);

/** `AbortError` is what the SDK makes of a signal that times out. Whoever interrupts knows it from their own. */
const PASSING = new Set([
  "AbortError",
  "RequestLimitExceeded",
  "SlowDown",
  "TimeoutError",
  "TooManyRequestsException",
]);

/** Whether an error passes by itself: no network, no answer in time, or AWS is overloaded. */
export function passesByItself(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { name, code, $fault, $metadata } = error as Error & {
    readonly code?: string;
    readonly $fault?: string;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  return (
    NETWORK_CODES.has(code ?? "") ||
    PASSING.has(name) ||
    name.startsWith("Throttling") ||
    $fault === "server" ||
    // Where the SDK does not know an error, it may call it the client's fault, whatever the status.
    ($metadata?.httpStatusCode ?? 0) >= 500
  );
}

const MISSING = new Set(["CredentialsProviderError", "TokenProviderError"]);
const REJECTED = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidClientTokenId",
  "RequestExpired",
  "UnrecognizedClientException",
]);

/** What to tell where the credentials are at fault, and otherwise `undefined`. */
export function credentialsProblem(error: unknown): Problem | undefined {
  if (!(error instanceof Error)) return undefined;
  const { name, message } = error;
  const remedy = "Log in, for example with aws sso login, or set AWS_PROFILE.";
  if (MISSING.has(name)) return new Problem(`There are no AWS credentials: ${message}`, remedy);
  if (REJECTED.has(name)) {
    return new Problem(`AWS does not take the credentials (any more): ${message}`, remedy, EXIT.failed);
  }
  return undefined;
}
