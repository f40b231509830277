import {
  BatchGetImageCommand,
  ECRClient,
  GetDownloadUrlForLayerCommand,
  type Image,
} from "@aws-sdk/client-ecr";
import { awsClient } from "../aws-client";
import { platformOf } from "../images/platform";
import { askAws, type Subject } from "./asking-aws";
import type { CheckResult } from "./check-result";

/** What is read of a manifest: an index names platforms, an image only its configuration. */
interface Manifest {
  readonly manifests?: readonly { readonly platform?: Platform }[];
  readonly config?: { readonly digest: string };
}

interface Platform {
  readonly os?: string;
  readonly architecture?: string;
}

/** Index or image, in the formats of Docker and of the OCI. */
const MEDIA_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** Whether the repository holds the image that tasks run, for their architecture. */
export async function checkImage(subject: Subject): Promise<readonly CheckResult[]> {
  const name = "image";
  const { values, state, signal } = subject;
  const repositoryName = `${values.app_name}-backend`;
  const reference = `${repositoryName}:${values.backend_image_tag}`;
  if (!state?.instances.some(({ address }) => address === "aws_ecr_repository.backend_repo")) {
    const detail = `The repository ${repositoryName} is not deployed yet.`;
    return [{ name, status: "skipped", detail }];
  }
  return askAws(name, subject, async () => {
    const ecr = awsClient(ECRClient, values.aws_region);
    const { images = [] } = await ecr.send(
      new BatchGetImageCommand({
        repositoryName,
        imageIds: [{ imageTag: values.backend_image_tag }],
        acceptedMediaTypes: MEDIA_TYPES,
      }),
      { abortSignal: signal },
    );
    const [image] = images;
    if (!image) {
      return {
        name,
        status: "problem",
        detail: `There is no ${reference}, so no task can start.`,
        remedy: "npm run ops -- images push --backend <directory of the backend>",
      };
    }
    const wanted = platformOf(values.backend_cpu_architecture);
    const platforms = await platformsOf(image, ecr, signal);
    if (platforms.length === 0) {
      const detail = `${reference} is there. For which architecture it is cannot be read.`;
      return { name, status: "warning", detail };
    }
    if (platforms.includes(wanted)) {
      return { name, status: "ok", detail: `${reference} is there, for ${wanted}.` };
    }
    return {
      name,
      status: "problem",
      detail: `${reference} is for ${platforms.join(", ")}, and tasks need ${wanted}: they would end with "exec format error".`,
      remedy: "npm run ops -- images push --backend <directory of the backend>",
    };
  });
}

async function platformsOf(image: Image, ecr: ECRClient, signal: AbortSignal): Promise<string[]> {
  const { manifests, config } = JSON.parse(image.imageManifest ?? "{}") as Manifest;
  if (manifests) {
    return manifests.flatMap(({ platform }) => describe(platform));
  }
  if (!config) return [];
  try {
    const { downloadUrl = "" } = await ecr.send(
      new GetDownloadUrlForLayerCommand({
        repositoryName: image.repositoryName,
        layerDigest: config.digest,
      }),
      { abortSignal: signal },
    );
    return describe((await (await fetch(downloadUrl, { signal })).json()) as Platform);
  } catch {
    signal.throwIfAborted();
    return [];
  }
}

/** Attestations stand in an index too, for the platform unknown/unknown. */
function describe({ os, architecture }: Platform = {}): string[] {
  return os && architecture && os !== "unknown" ? [`${os}/${architecture}`] : [];
}
