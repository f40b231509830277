/** Variables of the caller that a child process may see. Everything else stays outside, credentials first of all. */
const INHERITED = [
  "PATH",
  "HOME",
  "TMPDIR",
  "LANG",
  "LC_ALL",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
];

/** A set of environment variables as a child process takes it. */
export type Environment = Record<string, string>;

/** The few variables of `source` that every child process needs, and nothing else. */
export function cleanEnvironment(source: NodeJS.ProcessEnv = process.env): Environment {
  return pick(source, INHERITED);
}

/** The variables of `source` that are set, among `names`. */
export function pick(source: NodeJS.ProcessEnv, names: readonly string[]): Environment {
  const found: Environment = {};
  for (const name of names) {
    const value = source[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** Credentials, as the AWS SDKs take them. */
export interface AccessKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Credentials that may do everything in the emulator. */
export const ADMINISTRATOR: AccessKeys = { accessKeyId: "test", secretAccessKey: "test" };

/**
 * What makes an AWS client (the SDKs, the CLI, Terraform's provider) talk to the emulator.
 *
 * @throws when the endpoint is not on this machine: nothing here may ever reach a real account.
 */
export function emulatorCredentials(
  endpoint: string,
  region: string,
  { accessKeyId, secretAccessKey, sessionToken }: AccessKeys = ADMINISTRATOR,
): Environment {
  assertLoopback(endpoint);
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: "true",
    // A profile of the user could name another endpoint or role.
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  };
}

/** Refuses an endpoint that is not `http://` on the loopback interface. */
export function assertLoopback(endpoint: string): void {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const isLoopback = url !== undefined && /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/.test(url.hostname);
  if (!isLoopback || url.protocol !== "http:") {
    throw new Error(
      `the endpoint must be an emulator on this machine, got ${JSON.stringify(endpoint)}: ` +
        "pass http://127.0.0.1:<port>, so that no real AWS account can be reached",
    );
  }
}
