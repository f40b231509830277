import { Token } from "cdktf";
import { describe, expect, it } from "vitest";
import { policyDocument, serviceTrustPolicy } from "../../src/lib/policy-document";
import { readHcl } from "../helpers/hcl";
import { ref, synth } from "../helpers/synth";

const read = (policy: string) =>
  readHcl(synth((stack) => stack.addOverride("locals.policy", policy)).json.locals.policy);

describe("policyDocument", () => {
  it("allows what its statements say, in the current policy language", () => {
    const policy = policyDocument(
      { Action: "s3:GetObject", Resource: "arn:aws:s3:::a" },
      { Action: ["s3:PutObject"], Resource: ["arn:aws:s3:::b"] },
    );

    expect(read(policy)).toEqual({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::a" },
        { Effect: "Allow", Action: ["s3:PutObject"], Resource: ["arn:aws:s3:::b"] },
      ],
    });
  });

  it("denies where told to", () => {
    const policy = policyDocument({ Effect: "Deny", Principal: "*", Action: "s3:*", Resource: "*" });

    expect(read(policy)).toMatchObject({ Statement: [{ Effect: "Deny", Principal: "*" }] });
  });

  it("is encoded by Terraform, so that values known only at apply may stand in it", () => {
    const policy = policyDocument({
      Action: "sns:Publish",
      Resource: Token.asString(ref("aws_sns_topic.x.arn")),
    });

    expect(read(policy)).toMatchObject({ Statement: [{ Resource: "${aws_sns_topic.x.arn}" }] });
  });
});

describe("serviceTrustPolicy", () => {
  it("lets one service take the role, and only in the name of this account", () => {
    const policy = serviceTrustPolicy({ service: "ecs-tasks.amazonaws.com", accountId: "123456789012" });

    expect(read(policy)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "ecs-tasks.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
        },
      ],
    });
  });
});
