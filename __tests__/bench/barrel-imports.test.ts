import { describe, expect, it } from "vitest";
import { barrelNames, throughBarrel } from "../../bench/synth/barrel-imports";

const NAMES = barrelNames("export * as vpc from './vpc';\nexport * as s3Bucket from './s3-bucket';\n");

describe("throughBarrel", () => {
  it("takes each class from the barrel, under the name that the source uses", () => {
    const source = `import { Vpc as AwsVpc } from "@cdktf/provider-aws/lib/vpc";
import { App } from "cdktf";
import {
  S3Bucket,
  type S3BucketConfig,
} from "@cdktf/provider-aws/lib/s3-bucket";

new AwsVpc(new App(), "vpc");
`;

    expect(throughBarrel(source, NAMES)).toBe(`import * as aws from "@cdktf/provider-aws";
import AwsVpc = aws.vpc.Vpc;
import { App } from "cdktf";
import S3Bucket = aws.s3Bucket.S3Bucket;
import S3BucketConfig = aws.s3Bucket.S3BucketConfig;

new AwsVpc(new App(), "vpc");
`);
  });

  it("leaves a source without the provider as it is", () => {
    expect(throughBarrel('import { App } from "cdktf";\n', NAMES)).toBe('import { App } from "cdktf";\n');
  });

  it.each([
    'import * as vpc from "@cdktf/provider-aws/lib/vpc";',
    'import { Eip } from "@cdktf/provider-aws/lib/eip";',
    'import "@cdktf/provider-aws/lib/vpc";',
    'import { Vpc /* the VPC */ } from "@cdktf/provider-aws/lib/vpc";',
  ])("refuses %s", (source) => {
    expect(() => throughBarrel(source, NAMES)).toThrow(source);
  });
});
