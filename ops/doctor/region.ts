import { DescribeRegionsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { awsClient } from "../aws-client";
import { askAws, type Subject } from "./asking-aws";
import type { CheckResult } from "./check-result";

/** Whether the account may use the region. */
export async function checkRegion(subject: Subject): Promise<readonly CheckResult[]> {
  const name = "region";
  const { values, signal } = subject;
  const region = values.aws_region;
  return askAws(name, subject, async () => {
    const { Regions = [] } = await awsClient(EC2Client, region).send(
      new DescribeRegionsCommand({ RegionNames: [region], AllRegions: true }),
      { abortSignal: signal },
    );
    if (Regions[0]?.OptInStatus === "not-opted-in") {
      return {
        name,
        status: "problem",
        detail: `${region} is not enabled in this account.`,
        remedy: `aws account enable-region --region-name ${region}`,
      };
    }
    return { name, status: "ok", detail: `${region} is enabled.` };
  });
}
