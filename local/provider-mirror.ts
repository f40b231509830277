import { existsSync } from "node:fs";
import { lstat, mkdir, readFile, readdir, rename, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { localDirectory } from "./workspace";

const AWS_PROVIDER = join("registry.terraform.io", "hashicorp", "aws");

/** Where offline machines and images usually keep a mirror: in one of these, or one level below. */
const USUAL_PLACES = ["/opt", "/usr/local/lib", "/usr/local/share", "/usr/share", "/srv"];

/** Where Terraform looks by itself. */
const IMPLIED_PLACES = [
  join(homedir(), ".terraform.d", "plugins"),
  join(homedir(), ".local", "share", "terraform", "plugins"),
  "/usr/local/share/terraform/plugins",
  "/usr/share/terraform/plugins",
];

/** Providers that an earlier run downloaded, in the layout of a mirror. */
const DOWNLOADS = join(localDirectory, "plugin-cache");

/** Where Terraform gets the AWS provider from. */
export type ProviderSource =
  /** A directory to point Terraform at. */
  | { readonly kind: "mirror"; readonly directory: string }
  /** The user's own settings or Terraform's defaults know best; `configFile` has to be passed on. */
  | { readonly kind: "terraform"; readonly configFile?: string }
  /** The registry. */
  | { readonly kind: "download" };

export interface MirrorSearch {
  /** Version of the AWS provider, for example `5.100.0`. */
  readonly version: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly home?: string;
  readonly impliedPlaces?: readonly string[];
  readonly usualPlaces?: readonly string[];
  readonly downloads?: string;
}

/**
 * Decides where the AWS provider comes from, so that a machine without internet works too:
 * `TF_PROVIDER_MIRROR`, then the user's own CLI configuration, then Terraform's own directories, then the
 * usual places of a mirror, then an earlier download, and only then the registry.
 *
 * @throws when `TF_PROVIDER_MIRROR` names a directory that does not hold the provider.
 */
export async function findProvider(search: MirrorSearch): Promise<ProviderSource> {
  const { version, environment = process.env, home = homedir() } = search;
  const { impliedPlaces = IMPLIED_PLACES, usualPlaces = USUAL_PLACES, downloads = DOWNLOADS } = search;

  const asked = environment.TF_PROVIDER_MIRROR;
  if (asked) {
    if (holdsProvider(asked, version)) return { kind: "mirror", directory: asked };
    throw new Error(
      `TF_PROVIDER_MIRROR must be a directory that holds ${join(AWS_PROVIDER, version, platform())}, ` +
        `got ${JSON.stringify(asked)}: fill it with "terraform providers mirror", or unset it`,
    );
  }

  const configFile = environment.TF_CLI_CONFIG_FILE;
  if (configFile && existsSync(configFile)) return { kind: "terraform", configFile };
  if (existsSync(join(home, ".terraformrc"))) return { kind: "terraform" };
  if (impliedPlaces.some((place) => holdsProvider(place, version))) return { kind: "terraform" };

  for (const place of [...(await oneLevelBelow(usualPlaces)), downloads]) {
    if (holdsProvider(place, version)) return { kind: "mirror", directory: place };
  }
  return { kind: "download" };
}

/** A Terraform CLI configuration that takes the AWS provider from a directory, and only from there. */
export function mirrorConfiguration(directory: string): string {
  const providers = '["registry.terraform.io/hashicorp/aws"]';
  return [
    "provider_installation {",
    "  filesystem_mirror {",
    `    path    = ${JSON.stringify(directory)}`,
    `    include = ${providers}`,
    "  }",
    "  direct {",
    `    exclude = ${providers}`,
    "  }",
    "}",
    "",
  ].join("\n");
}

/** Writes `mirrorConfiguration` to a file, and returns its path. */
export async function writeMirrorConfiguration(directory: string, mirror: string): Promise<string> {
  const file = join(directory, "provider-mirror.tfrc");
  await writeFile(file, mirrorConfiguration(mirror));
  return file;
}

/**
 * Keeps the provider that `terraform init` has downloaded to `stackDirectory`, for later runs.
 *
 * Moved by a rename rather than shared through TF_PLUGIN_CACHE_DIR: that one is not safe when two
 * Terraforms fill it at once.
 */
export async function keepDownload(
  stackDirectory: string,
  version: string,
  downloads = DOWNLOADS,
): Promise<void> {
  const installed = installedProvider(stackDirectory, version);
  const kept = join(downloads, AWS_PROVIDER, version, platform());
  const stats = await lstat(installed).catch(() => undefined);
  if (!stats?.isDirectory() || existsSync(kept)) return;
  await mkdir(dirname(kept), { recursive: true });
  try {
    await rename(installed, kept);
  } catch (error) {
    if (existsSync(kept)) return; // Another run was quicker.
    throw error;
  }
  await symlink(kept, installed);
}

/** Where `terraform init` puts the AWS provider. */
export function installedProvider(stackDirectory: string, version: string): string {
  return join(stackDirectory, ".terraform", "providers", AWS_PROVIDER, version, platform());
}

/** The version of the AWS provider that a synthesized stack requires. */
export async function requiredProviderVersion(stackDirectory: string): Promise<string> {
  const file = join(stackDirectory, "cdk.tf.json");
  const stack = JSON.parse(await readFile(file, "utf8")) as {
    terraform?: { required_providers?: { aws?: { version?: string } } };
  };
  const version = stack.terraform?.required_providers?.aws?.version;
  if (version === undefined)
    throw new Error(`${file} must require a version of the provider aws, but names none`);
  return version;
}

/** This machine as Terraform names it, for example `linux_amd64`. */
export function platform(system: string = process.platform, architecture: string = process.arch): string {
  const names: Record<string, string> = { win32: "windows", x64: "amd64", ia32: "386" };
  return `${names[system] ?? system}_${names[architecture] ?? architecture}`;
}

function holdsProvider(directory: string, version: string): boolean {
  const provider = join(directory, AWS_PROVIDER);
  return (
    existsSync(join(provider, version, platform())) ||
    existsSync(join(provider, `terraform-provider-aws_${version}_${platform()}.zip`))
  );
}

async function oneLevelBelow(places: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const place of places) {
    const names = await readdir(place).catch(() => []);
    found.push(place, ...names.sort().map((name) => join(place, name)));
  }
  return found;
}
