import { existsSync, readlinkSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  findProvider,
  keepDownload,
  mirrorConfiguration,
  platform,
  requiredProviderVersion,
} from "../../local/provider-mirror";

const PROVIDER = "registry.terraform.io/hashicorp/aws";
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "provider-mirror-"));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

/** Makes a directory that holds an unpacked provider. */
async function mirror(name: string, version = "5.100.0", machine = platform()): Promise<string> {
  await mkdir(join(root, name, PROVIDER, version, machine), { recursive: true });
  return join(root, name);
}

/** A search that sees nothing of this machine. */
const search = (environment: NodeJS.ProcessEnv = {}) =>
  findProvider({
    version: "5.100.0",
    environment,
    home: join(root, "home"),
    impliedPlaces: [join(root, "implied")],
    usualPlaces: [join(root, "opt"), join(root, "srv")],
    downloads: join(root, "downloads"),
  });

describe("findProvider", () => {
  test("downloads when there is no mirror anywhere", async () => {
    expect(await search()).toEqual({ kind: "download" });
  });

  test("takes TF_PROVIDER_MIRROR before anything else", async () => {
    const asked = await mirror("asked");
    await mirror("opt/plugins");

    expect(await search({ TF_PROVIDER_MIRROR: asked })).toEqual({ kind: "mirror", directory: asked });
  });

  test("refuses a TF_PROVIDER_MIRROR without the provider, and says what to do", async () => {
    await expect(search({ TF_PROVIDER_MIRROR: join(root, "nowhere") })).rejects.toThrow(
      `TF_PROVIDER_MIRROR must be a directory that holds ${PROVIDER}/5.100.0/${platform()}, ` +
        `got ${JSON.stringify(join(root, "nowhere"))}: fill it with "terraform providers mirror", or unset it`,
    );
  });

  test("leaves it to the user's own CLI configuration", async () => {
    await mirror("opt/plugins");
    const configFile = join(root, "my.tfrc");
    await writeFile(configFile, "");

    expect(await search({ TF_CLI_CONFIG_FILE: configFile })).toEqual({ kind: "terraform", configFile });
  });

  test("takes a TF_CLI_CONFIG_FILE that does not exist for unset", async () => {
    expect(await search({ TF_CLI_CONFIG_FILE: join(root, "missing.tfrc") })).toEqual({ kind: "download" });
  });

  test("leaves it to ~/.terraformrc", async () => {
    await mirror("opt/plugins");
    await mkdir(join(root, "home"));
    await writeFile(join(root, "home", ".terraformrc"), "");

    expect(await search()).toEqual({ kind: "terraform" });
  });

  test("leaves it to the directories that Terraform looks into by itself", async () => {
    await mirror("implied");
    await mirror("opt/plugins");

    expect(await search()).toEqual({ kind: "terraform" });
  });

  test.each(["opt", "opt/any-name", "srv/mirror"])("finds an unpacked provider in %s", async (place) => {
    expect(await search()).toEqual({ kind: "download" });
    const directory = await mirror(place);

    expect(await search()).toEqual({ kind: "mirror", directory });
  });

  test("finds a packed provider", async () => {
    const directory = join(root, "opt", "packed");
    await mkdir(join(directory, PROVIDER), { recursive: true });
    await writeFile(join(directory, PROVIDER, `terraform-provider-aws_5.100.0_${platform()}.zip`), "");

    expect(await search()).toEqual({ kind: "mirror", directory });
  });

  test("looks one level deep, no further", async () => {
    await mirror("opt/one/two");

    expect(await search()).toEqual({ kind: "download" });
  });

  test("passes over other versions and other machines", async () => {
    await mirror("opt/older", "5.99.0");
    await mirror("opt/foreign", "5.100.0", "plan9_mips");

    expect(await search()).toEqual({ kind: "download" });
  });

  test("uses an earlier download last", async () => {
    const downloads = await mirror("downloads");
    expect(await search()).toEqual({ kind: "mirror", directory: downloads });

    const directory = await mirror("srv/mirror");
    expect(await search()).toEqual({ kind: "mirror", directory });
  });
});

describe("keepDownload", () => {
  const installed = () => join(root, "stack", ".terraform", "providers", PROVIDER, "5.100.0", platform());

  test("moves the provider to where the next run finds it, and leaves a link", async () => {
    await mkdir(installed(), { recursive: true });
    await writeFile(join(installed(), "terraform-provider-aws"), "binary");

    await keepDownload(join(root, "stack"), "5.100.0", join(root, "downloads"));

    expect(await search()).toEqual({ kind: "mirror", directory: join(root, "downloads") });
    expect(readlinkSync(installed())).toBe(join(root, "downloads", PROVIDER, "5.100.0", platform()));
    expect(await readFile(join(installed(), "terraform-provider-aws"), "utf8")).toBe("binary");
  });

  test("leaves everything as it is when another run was quicker", async () => {
    await mkdir(installed(), { recursive: true });
    await writeFile(join(installed(), "terraform-provider-aws"), "binary");
    const downloads = await mirror("downloads");

    await keepDownload(join(root, "stack"), "5.100.0", downloads);

    expect(await readFile(join(installed(), "terraform-provider-aws"), "utf8")).toBe("binary");
  });

  test("does nothing when nothing was installed", async () => {
    await keepDownload(join(root, "stack"), "5.100.0", join(root, "downloads"));

    expect(existsSync(join(root, "downloads"))).toBe(false);
  });
});

test("mirrorConfiguration takes the AWS provider from the directory and nothing else", () => {
  expect(mirrorConfiguration("/srv/my mirror")).toBe(
    `provider_installation {
  filesystem_mirror {
    path    = "/srv/my mirror"
    include = ["registry.terraform.io/hashicorp/aws"]
  }
  direct {
    exclude = ["registry.terraform.io/hashicorp/aws"]
  }
}
`,
  );
});

test.each([
  ["linux", "x64", "linux_amd64"],
  ["darwin", "arm64", "darwin_arm64"],
  ["win32", "x64", "windows_amd64"],
])("platform names %s on %s as %s", (system, architecture, name) => {
  expect(platform(system, architecture)).toBe(name);
});

describe("requiredProviderVersion", () => {
  test("reads the version from the synthesized stack", async () => {
    const stack = { terraform: { required_providers: { aws: { source: "aws", version: "5.100.0" } } } };
    await writeFile(join(root, "cdk.tf.json"), JSON.stringify(stack));

    expect(await requiredProviderVersion(root)).toBe("5.100.0");
  });

  test("refuses a stack without one", async () => {
    await writeFile(join(root, "cdk.tf.json"), "{}");

    await expect(requiredProviderVersion(root)).rejects.toThrow("must require a version of the provider aws");
  });
});
