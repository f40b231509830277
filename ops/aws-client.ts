/** What a client of the AWS SDK is made with. */
interface ClientConfig {
  readonly region: string;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: boolean;
  };
}

/**
 * A client of the AWS SDK with the credentials of whoever runs this. No call hangs for ever: one that gets no
 * answer for 30 seconds fails, as when a network drops packets without a word.
 */
export function awsClient<Client>(Client: new (config: ClientConfig) => Client, region: string): Client {
  return new Client({
    region,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
  });
}
