import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkLock, checkState } from "../../../ops/doctor/state";
import { type StatePlace, statePlace } from "../../../ops/state-file";
import { awsError } from "./subject";

const s3 = mockClient(S3Client);
const { signal } = new AbortController();
const bucket: StatePlace = {
  kind: "s3",
  bucket: "states",
  key: "app/terraform.tfstate",
  region: "us-west-2",
};
const lock = JSON.stringify({
  ID: "11111111-2222",
  Who: "ada@laptop",
  Operation: "OperationTypeApply",
  Created: "2026-01-02T03:04:05Z",
});
const state = JSON.stringify({
  version: 4,
  lineage: "a-lineage",
  serial: 7,
  resources: [
    {
      mode: "managed",
      type: "aws_lb",
      name: "app_lb",
      provider: 'provider["registry.terraform.io/hashicorp/aws"]',
      instances: [
        { attributes: { arn: "arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/1" } },
      ],
    },
  ],
});

let directory: string;
let file: StatePlace;

beforeEach(async () => {
  s3.reset();
  directory = await mkdtemp(path.join(tmpdir(), "doctor-"));
  file = { kind: "local", file: path.join(directory, "terraform.app.tfstate") };
});
afterEach(() => rm(directory, { recursive: true }));
afterAll(() => s3.restore());

describe("the place of the state", () => {
  it("is a file beside the project, or the bucket that the stack was synthesized for", async () => {
    await stack({ local: { path: "../../../terraform.app.tfstate" } });
    expect(await statePlace(directory)).toEqual({
      kind: "local",
      file: path.resolve(directory, "../../../terraform.app.tfstate"),
    });

    await stack({
      s3: { bucket: "states", key: "app/terraform.tfstate", region: "us-west-2", encrypt: true },
    });
    expect(await statePlace(directory)).toEqual(bucket);
  });

  it("is unknown without a stack", async () => {
    await expect(statePlace(path.join(directory, "none"))).rejects.toThrow("There is no stack");
  });

  async function stack(backend: object) {
    await writeFile(path.join(directory, "cdk.tf.json"), JSON.stringify({ terraform: { backend } }));
  }
});

describe("state", () => {
  it("is empty before the first deployment, in a file as in a bucket", async () => {
    s3.on(GetObjectCommand).rejects(awsError("NoSuchKey"));

    for (const place of [file, bucket]) {
      expect((await checkState(place, "123456789012", signal)).result).toMatchObject({
        status: "ok",
        detail: expect.stringContaining("nothing is deployed"),
      });
    }
  });

  it("is counted", async () => {
    answer(state);

    const { result, isRead } = await checkState(bucket, "123456789012", signal);

    expect(result.detail).toBe("s3://states/app/terraform.tfstate holds 1 resources, serial 7.");
    expect(isRead).toBe(true);
  });

  it("of another account is a problem: a plan would create everything a second time", async () => {
    answer(state);

    expect((await checkState(bucket, "999999999999", signal)).result).toMatchObject({
      status: "problem",
      detail: expect.stringMatching(/is about account 123456789012, .* are for 999999999999/),
    });
  });

  it.each([
    [awsError("NoSuchBucket"), "There is no bucket states."],
    [awsError("AccessDenied", "Access Denied"), "cannot be read: Access Denied"],
  ])("that cannot be reached is a problem: %s", async (error, detail) => {
    s3.on(GetObjectCommand).rejects(error);

    expect((await checkState(bucket, undefined, signal)).result).toMatchObject({
      status: "problem",
      detail: expect.stringContaining(detail),
      remedy: expect.stringContaining("STATE_BUCKET"),
    });
  });

  it("that is no state is a problem", async () => {
    answer("{");

    expect((await checkState(bucket, undefined, signal)).result.status).toBe("problem");
  });
});

describe("state lock", () => {
  it("is free", async () => {
    s3.on(GetObjectCommand).rejects(awsError("NoSuchKey"));

    expect((await checkLock(bucket, signal)).status).toBe("ok");
    expect((await checkLock(file, signal)).status).toBe("ok");
  });

  it("in a bucket names the other operator, since when, and when not to unlock", async () => {
    answer(lock);

    expect(await checkLock(bucket, signal)).toMatchObject({
      status: "problem",
      detail: "ada@laptop holds it since 2026-01-02T03:04:05Z, for OperationTypeApply.",
      remedy: expect.stringMatching(/Ask ada@laptop.*wait.*terraform force-unlock 11111111-2222$/),
    });
    expect(s3.commandCalls(GetObjectCommand)[0]?.args[0].input.Key).toBe("app/terraform.tfstate.tflock");
  });

  it("beside a file may be a note that a killed Terraform left behind", async () => {
    await writeFile(path.join(directory, ".terraform.app.tfstate.lock.info"), lock);

    expect(await checkLock(file, signal)).toMatchObject({
      status: "warning",
      detail: expect.stringContaining("ada@laptop"),
    });
  });
});

function answer(text: string) {
  s3.on(GetObjectCommand).resolves({ Body: { transformToString: async () => text } as never });
}
