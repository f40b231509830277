import { ECRClient, paginateListImages } from "@aws-sdk/client-ecr";
import { ListObjectVersionsCommand, S3Client } from "@aws-sdk/client-s3";
import { awsClient } from "../aws-client";
import type { Contents } from "./inventory";

/** Counts what repositories and buckets hold. One that is gone holds nothing. */
export async function countContents(
  {
    repositories,
    buckets,
  }: { readonly repositories: readonly string[]; readonly buckets: readonly string[] },
  { region, signal }: { readonly region: string; readonly signal: AbortSignal },
): Promise<Contents> {
  const ecr = awsClient(ECRClient, region);
  const s3 = awsClient(S3Client, region);
  return {
    images: await countEach(repositories, async (repositoryName) => {
      const digests = new Set<string>();
      for await (const { imageIds = [] } of paginateListImages({ client: ecr }, { repositoryName })) {
        signal.throwIfAborted();
        // An image with two tags is listed twice.
        for (const { imageDigest = "" } of imageIds) digests.add(imageDigest);
      }
      return digests.size;
    }),
    objects: await countEach(buckets, async (Bucket) => {
      // Deleted files of a versioned bucket are in the way too.
      const { Versions = [], DeleteMarkers = [] } = await s3.send(
        new ListObjectVersionsCommand({ Bucket, MaxKeys: 1000 }),
        { abortSignal: signal },
      );
      return Versions.length + DeleteMarkers.length;
    }),
  };
}

async function countEach(names: readonly string[], count: (name: string) => Promise<number>) {
  const counts = await Promise.all(
    names.map(async (name) => {
      try {
        return [name, await count(name)] as const;
      } catch (error) {
        if (!/NotFound|NoSuchBucket/.test((error as Error).name)) throw error;
        return [name, 0] as const;
      }
    }),
  );
  return new Map(counts);
}
