import {
  BatchGetImageCommand,
  DescribeImagesCommand,
  type ECRClient,
  PutImageCommand,
} from "@aws-sdk/client-ecr";

/** An image in a repository. */
export interface Image {
  /** `sha256:…` */
  readonly digest: string;
  readonly manifest: string;
  readonly mediaType?: string;
}

/** The tags of one ECR repository. */
export class ImageTags {
  constructor(
    private readonly ecr: ECRClient,
    readonly repository: string,
    private readonly signal: AbortSignal,
  ) {}

  /** The image with a tag or a digest, or `undefined` when there is none. */
  async find(image: { readonly tag: string } | { readonly digest: string }): Promise<Image | undefined> {
    const { images } = await this.ecr.send(
      new BatchGetImageCommand({
        repositoryName: this.repository,
        imageIds: ["tag" in image ? { imageTag: image.tag } : { imageDigest: image.digest }],
        // Without these, ECR answers with another manifest than the one that was pushed, of another digest.
        acceptedMediaTypes: [
          "application/vnd.oci.image.index.v1+json",
          "application/vnd.oci.image.manifest.v1+json",
          "application/vnd.docker.distribution.manifest.list.v2+json",
          "application/vnd.docker.distribution.manifest.v2+json",
        ],
      }),
      { abortSignal: this.signal },
    );
    const [found] = images ?? [];
    if (!found?.imageId?.imageDigest || !found.imageManifest) return undefined;
    return {
      digest: found.imageId.imageDigest,
      manifest: found.imageManifest,
      ...(found.imageManifestMediaType && { mediaType: found.imageManifestMediaType }),
    };
  }

  /** When an image was pushed. */
  async pushedAt({ digest }: Image): Promise<Date | undefined> {
    const { imageDetails } = await this.ecr.send(
      new DescribeImagesCommand({ repositoryName: this.repository, imageIds: [{ imageDigest: digest }] }),
      { abortSignal: this.signal },
    );
    return imageDetails?.[0]?.imagePushedAt;
  }

  /** Moves a tag to an image. Nothing is pulled or pushed, and an interruption waits for it. */
  async move(tag: string, image: Image): Promise<void> {
    try {
      await this.ecr.send(
        new PutImageCommand({
          repositoryName: this.repository,
          imageTag: tag,
          imageManifest: image.manifest,
          imageManifestMediaType: image.mediaType,
        }),
      );
    } catch (error) {
      // It is there already.
      if (!(error instanceof Error && error.name === "ImageAlreadyExistsException")) throw error;
    }
  }
}

/** Enough of a digest to tell images apart: `sha256:0123456789ab`. */
export function shortDigest(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}
