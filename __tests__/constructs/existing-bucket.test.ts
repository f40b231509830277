import { DataAwsResourcegroupstaggingapiResources } from "@cdktf/provider-aws/lib/data-aws-resourcegroupstaggingapi-resources";
import { describe, expect, it } from "vitest";
import { wholeStack } from "../helpers/synth";

const { json, dataSource } = wholeStack();

describe("ExistingBucket", () => {
  it("looks for the bucket of the frontend only where the variable does not say", () => {
    expect(dataSource(DataAwsResourcegroupstaggingapiResources)).toMatchObject({
      count: "${var.enable_frontend_hosting == null ? 1 : 0}",
    });
  });

  it("finds it whatever its tags are, so that a changed tag never ends the hosting", () => {
    const { resource_type_filters, tag_filter } = dataSource(DataAwsResourcegroupstaggingapiResources);

    expect(resource_type_filters).toEqual(["s3:bucket"]);
    expect(tag_filter).toBeUndefined();
  });

  it("decides by the bucket's exact ARN, and the variable wins", () => {
    const name =
      'coalesce(var.frontend_bucket_name, format("%s-frontend-bucket-%s", var.app_name, var.environment))';
    const arn = `format("arn:%s:s3:::%s", data.aws_partition.partition.partition, ${name})`;

    expect(json.locals.enable_frontend_hosting).toBe(
      `\${coalesce(var.enable_frontend_hosting, contains(flatten(data.aws_resourcegroupstaggingapi_resources.buckets[*].resource_tag_mapping_list[*].resource_arn), ${arn}))}`,
    );
  });
});
