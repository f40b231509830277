import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { platformOf } from "../../../ops/images/platform";
import { type ImageOrder, pushImages } from "../../../ops/images/push";
import { stepFor } from "../../../ops/quiet-step";

const ecr = mockClient(ECRClient);
const registry = "123456789012.dkr.ecr.us-west-2.amazonaws.com";
const backend: ImageOrder = {
  name: "backend",
  source: { directory: "/sources/backend" },
  repository: `${registry}/app-backend`,
  tags: ["latest", "0123456789ab"],
};
const frontend: ImageOrder = {
  name: "frontend",
  source: { directory: "/sources/frontend" },
  repository: `${registry}/app-frontend`,
  tags: ["latest"],
};

beforeEach(() => {
  ecr.reset();
  const authorizationToken = Buffer.from("AWS:a-token").toString("base64");
  ecr.on(GetAuthorizationTokenCommand).resolves({ authorizationData: [{ authorizationToken }] });
});
afterAll(() => ecr.restore());

describe("images push", () => {
  it("builds for the platform, under every tag, and pushes each", async () => {
    const { calls, pushed } = await push([backend]);

    expect(calls).toEqual([
      `build /sources/backend linux/amd64 ${backend.repository}:latest ${backend.repository}:0123456789ab`,
      `inspect ${backend.repository}:latest`,
      `login ${registry} AWS a-token`,
      `push ${backend.repository}:latest`,
      `push ${backend.repository}:0123456789ab`,
    ]);
    expect(pushed).toEqual([`${backend.repository}:latest`, `${backend.repository}:0123456789ab`]);
  });

  it("gives an image that is there already its tags", async () => {
    const { calls } = await push([{ ...backend, source: { image: "mine:1" }, tags: ["v1"] }]);

    expect(calls.slice(0, 2)).toEqual(["inspect mine:1", `tag mine:1 ${backend.repository}:v1`]);
  });

  it("pushes nothing at all when one of the images is for another architecture", async () => {
    const calls: string[] = [];

    await expect(
      push([backend, frontend], calls, { [`${frontend.repository}:latest`]: "linux/arm64" }),
    ).rejects.toThrow("is for linux/arm64, and the tasks need linux/amd64");
    expect(calls.filter((call) => /^(login|push)/.test(call))).toEqual([]);
  });

  it("pushes a tag once that is given twice", async () => {
    const { pushed } = await push([{ ...backend, tags: ["v1", "v1"] }]);

    expect(pushed).toEqual([`${backend.repository}:v1`]);
  });

  it("knows the platform of each architecture", () => {
    expect([platformOf("X86_64"), platformOf("ARM64")]).toEqual(["linux/amd64", "linux/arm64"]);
  });
});

async function push(
  orders: readonly ImageOrder[],
  calls: string[] = [],
  platforms: Readonly<Record<string, string>> = {},
) {
  const engine = {
    build: async (directory: string, platform: string, references: readonly string[]) => {
      calls.push(`build ${directory} ${platform} ${references.join(" ")}`);
    },
    tag: async (image: string, reference: string) => void calls.push(`tag ${image} ${reference}`),
    platformOf: async (image: string) => {
      calls.push(`inspect ${image}`);
      return platforms[image] ?? "linux/amd64";
    },
    login: async (...args: string[]) => void calls.push(`login ${args.join(" ")}`),
    push: async (reference: string) => void calls.push(`push ${reference}`),
  };
  const pushed = await pushImages(orders, {
    engine,
    platform: "linux/amd64",
    region: "us-west-2",
    step: stepFor({ json: true }),
    signal: new AbortController().signal,
  });
  return { calls, pushed };
}
