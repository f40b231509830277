import { createHash } from "node:crypto";
import { ECRClient, PutImageCommand } from "@aws-sdk/client-ecr";
import type { Deployment } from "./deployment";

// Docker is left out: an image by ECR's own API stands for a push.

const REPOSITORY = "time-series-analyzer-backend";
const IMAGE = "application/vnd.docker.distribution.manifest.v2+json";
const INDEX = "application/vnd.oci.image.index.v1+json";

interface Manifest {
  readonly mediaType: string;
  readonly [field: string]: unknown;
}

/** Puts an image into the backend's repository. Returns its digest, which differs with `content`. */
export async function pushImage(aws: Deployment, tag = "latest", content = ""): Promise<string> {
  return put(aws, tag, {
    schemaVersion: 2,
    mediaType: IMAGE,
    config: {
      mediaType: "application/vnd.docker.container.image.v1+json",
      size: 2,
      digest: `sha256:${"0".repeat(64)}`,
    },
    // The emulator makes the image's digest from those of its layers.
    layers: [
      {
        mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip",
        size: 1,
        digest: `sha256:${createHash("sha256").update(content).digest("hex")}`,
      },
    ],
  });
}

/** Puts an image of one architecture into the backend's repository, as `latest`. */
export async function pushImageFor(aws: Deployment, architecture: string): Promise<void> {
  await put(aws, "latest", {
    schemaVersion: 2,
    mediaType: INDEX,
    manifests: [
      {
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        digest: `sha256:${"a".repeat(64)}`,
        size: 1,
        platform: { os: "linux", architecture },
      },
    ],
  });
}

async function put(aws: Deployment, imageTag: string, manifest: Manifest): Promise<string> {
  const { image } = await aws.client(ECRClient).send(
    new PutImageCommand({
      repositoryName: REPOSITORY,
      imageTag,
      imageManifestMediaType: manifest.mediaType,
      imageManifest: JSON.stringify(manifest),
    }),
  );
  return image?.imageId?.imageDigest ?? "";
}
