import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startEmulator, type Emulator } from "../../local/emulator";

let directory: string;
let emulator: Emulator;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "emulator-"));
  emulator = await startEmulator({ directory });
});

afterAll(async () => {
  await emulator.stop();
  await rm(directory, { recursive: true });
});

it("does once what a client asks for again because it lost the answer", async () => {
  const invocation = randomUUID();

  const first = await createVpc(invocation);
  const again = await createVpc(invocation);
  const another = await createVpc(randomUUID());

  expect(first).toMatch(/^vpc-/);
  expect(again).toBe(first);
  expect(another).not.toBe(first);
});

it("tries again what has failed", async () => {
  const invocation = randomUUID();

  const refused = await ask("CreateVpc", invocation);
  const vpc = await createVpc(invocation);

  expect(refused.status).toBe(400);
  expect(vpc).toMatch(/^vpc-/);
});

async function createVpc(invocation: string): Promise<string | undefined> {
  const response = await ask("CreateVpc&CidrBlock=10.0.0.0/16", invocation);
  return /<vpcId>(.*?)<\/vpcId>/.exec(await response.text())?.[1];
}

/** Asks EC2 as an SDK does: the id tells a request that is sent again from a new one. */
async function ask(action: string, invocation: string): Promise<Response> {
  return fetch(emulator.endpoint, {
    method: "POST",
    headers: {
      "amz-sdk-invocation-id": invocation,
      authorization:
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-west-2/ec2/aws4_request, SignedHeaders=host, Signature=0",
      "content-type": "application/x-www-form-urlencoded",
    },
    body: `Action=${action}&Version=2016-11-15`,
  });
}
