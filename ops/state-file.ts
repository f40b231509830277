import { readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { isAbsent, parseState, type State } from "../adopt/state";
import { awsClient } from "./aws-client";
import { Problem } from "./problem";

/** Where Terraform keeps the state of a stack, as its JSON says. */
export type StatePlace =
  | { readonly kind: "local"; readonly file: string }
  | { readonly kind: "s3"; readonly bucket: string; readonly key: string; readonly region: string };

/** Who works on a state, as Terraform writes it down. */
export interface Lock {
  readonly id: string;
  /** `user@machine`. */
  readonly who: string;
  /** For example `OperationTypeApply`. */
  readonly operation: string;
  /** When it was taken, ISO 8601. */
  readonly created: string;
}

/**
 * Where the stack in a directory has its state.
 *
 * @throws Problem when there is no stack.
 */
export async function statePlace(stackDirectory: string): Promise<StatePlace> {
  const text = await readFile(join(stackDirectory, "cdk.tf.json"), "utf8").catch(() => {
    throw new Problem(`There is no stack in ${stackDirectory}.`, "Synthesize it: npm run synth");
  });
  const { backend } = (JSON.parse(text) as StackFile).terraform;
  if (backend.s3) return { kind: "s3", ...pickPlace(backend.s3) };
  return { kind: "local", file: resolve(stackDirectory, backend.local?.path ?? "terraform.tfstate") };
}

/** A place in words. */
export function describePlace(place: StatePlace): string {
  return place.kind === "local" ? basename(place.file) : `s3://${place.bucket}/${place.key}`;
}

/**
 * Reads a state without Terraform, so that neither a lock nor a missing initialization is in the way.
 *
 * @returns undefined when there is none yet.
 * @throws Problem when it cannot be reached.
 */
export async function readState(place: StatePlace, signal: AbortSignal): Promise<State | undefined> {
  const text =
    place.kind === "local"
      ? await localText(place.file)
      : await objectText({ ...place, key: place.key }, signal);
  return text === undefined || isAbsent(text) ? undefined : parseState(text, describePlace(place));
}

/** Who holds the lock of a state, or undefined when nobody does. */
export async function readLock(place: StatePlace, signal: AbortSignal): Promise<Lock | undefined> {
  const text =
    place.kind === "local"
      ? await localText(join(dirname(place.file), `.${basename(place.file)}.lock.info`))
      : await objectText({ ...place, key: `${place.key}.tflock` }, signal);
  if (!text) return undefined;
  const { ID, Who, Operation, Created } = JSON.parse(text) as Record<string, string>;
  return { id: ID ?? "", who: Who ?? "somebody", operation: Operation ?? "", created: Created ?? "" };
}

/** Account and region that the resources of a state are in, as their ARNs say. Empty where none does. */
export function ownerOf(state: State): { readonly account?: string; readonly region?: string } {
  for (const { attributes } of state.instances) {
    const [, , , region, account] = String(attributes.arn ?? "").split(":");
    if (region && account && /^\d{12}$/.test(account)) return { account, region };
  }
  return {};
}

interface StackFile {
  readonly terraform: {
    readonly backend: {
      readonly local?: { readonly path?: string };
      readonly s3?: { readonly bucket: string; readonly key: string; readonly region: string };
    };
  };
}

function pickPlace({ bucket, key, region }: { bucket: string; key: string; region: string }) {
  return { bucket, key, region };
}

async function localText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function objectText(
  { bucket, key, region }: { bucket: string; key: string; region: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  const s3 = awsClient(S3Client, region);
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), {
      abortSignal: signal,
    });
    return await Body?.transformToString();
  } catch (error) {
    signal.throwIfAborted();
    const { name, message } = error as Error;
    if (name === "NoSuchKey") return undefined;
    throw new Problem(
      name === "NoSuchBucket"
        ? `There is no bucket ${bucket}.`
        : `s3://${bucket}/${key} cannot be read: ${message}`,
      "Set STATE_BUCKET and STATE_REGION as for the deployment and synthesize (npm run synth), with credentials that may read the bucket.",
    );
  } finally {
    s3.destroy();
  }
}
