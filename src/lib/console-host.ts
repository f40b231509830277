import { Token } from "cdktf";
import type { IConstruct } from "constructs";
import { expression } from "./expression";

/** Host of the AWS console in each partition, without the region in front. */
const CONSOLE_HOSTS = {
  aws: "console.aws.amazon.com",
  "aws-cn": "console.amazonaws.cn",
  "aws-us-gov": "console.amazonaws-us-gov.com",
};

/** Host of the AWS console in `partition`, a value that only the plan knows. */
export function consoleHost(scope: IConstruct, partition: string): string {
  const hosts = JSON.stringify(CONSOLE_HOSTS);
  return Token.asString(expression(scope, `lookup(${hosts}, ${partition}, "${CONSOLE_HOSTS.aws}")`));
}
