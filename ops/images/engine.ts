import type { Report } from "../../local/step";
import { EXIT, Problem } from "../problem";
import { runProgram, versionOf } from "../program";

/** What builds and pushes images. Both take the same arguments for all that is needed here. */
export type EngineName = "docker" | "podman";

/** The first container engine that answers, its daemon included. */
export async function findEngine(signal: AbortSignal): Promise<EngineName | undefined> {
  for (const engine of ["docker", "podman"] as const) {
    if ((await versionOf(engine, ["version"], signal)) !== undefined) return engine;
  }
  return undefined;
}

/** A container engine at work. What it prints on standard output is reported line by line. */
export class Engine {
  constructor(
    private readonly name: EngineName,
    private readonly signal: AbortSignal,
  ) {}

  /** Builds a directory for a platform, under every one of the references. */
  async build(
    directory: string,
    platform: string,
    references: readonly string[],
    report: Report,
  ): Promise<void> {
    const tags = references.flatMap((reference) => ["--tag", reference]);
    await this.run(["build", "--platform", platform, ...tags, directory], { report });
  }

  /** Gives an image another reference. */
  async tag(image: string, reference: string): Promise<void> {
    await this.run(["tag", image, reference]);
  }

  /** The platform that a local image is for, for example `linux/amd64`. */
  async platformOf(image: string): Promise<string> {
    return (await this.run(["image", "inspect", "--format", "{{.Os}}/{{.Architecture}}", image])).trim();
  }

  /** Logs in to a registry. The password goes through standard input, where no list of processes shows it. */
  async login(registry: string, user: string, password: string): Promise<void> {
    await this.run(["login", "--username", user, "--password-stdin", registry], { input: password });
  }

  async push(reference: string, report: Report): Promise<void> {
    await this.run(["push", reference], { report });
  }

  private async run(
    args: readonly [string, ...string[]],
    { report, input }: { readonly report?: Report; readonly input?: string } = {},
  ): Promise<string> {
    const { exitCode, stdout, stderr } = await runProgram(this.name, args, {
      signal: this.signal,
      onLine: report,
      input,
    });
    if (exitCode === 0) return stdout;
    const lines = (stderr || stdout).trim().split("\n").slice(-15);
    throw new Problem(
      `${this.name} ${args[0]} failed:\n${lines.join("\n")}`,
      `Repeat it by hand: ${this.name} ${args.join(" ")}`,
      EXIT.failed,
    );
  }
}
