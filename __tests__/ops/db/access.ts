import type { Access } from "../../../ops/db/access";
import { Deployment } from "../../../ops/deployment";

const OUTPUTS = {
  aws_region: "us-west-2",
  ecs_cluster_name: "the-cluster",
  ecs_service_name: "the-service",
  database_endpoint: "the-postgres.abc.us-west-2.rds.amazonaws.com:5432",
  database_credentials_secret_arn: "arn:the-secret",
};

/** An Access that shows nothing, with what was said to the person. */
export function fakeAccess(signal: AbortSignal = new AbortController().signal): Access & { said: string[] } {
  const said: string[] = [];
  return {
    deployment: new Deployment(
      Object.fromEntries(Object.entries(OUTPUTS).map(([name, value]) => [name, { value, sensitive: false }])),
    ),
    signal,
    step: (_, work) => work(() => undefined),
    say: (text) => void said.push(text),
    said,
  };
}
