import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { checkTerraform, MissingRequirementsError } from "../../local/requirements";
import { projectRoot } from "../../local/workspace";
import { findEngine } from "../images/engine";
import { versionOf } from "../program";
import type { CheckResult } from "./check-result";

/** Node.js, as package.json asks for it. */
export async function checkNode(version = process.versions.node): Promise<CheckResult> {
  const name = "Node.js";
  const { engines } = JSON.parse(await readFile(join(projectRoot, "package.json"), "utf8")) as {
    engines: { node: string };
  };
  const [, oldest = "", tooNew = ""] = /^>=(\S+) <(\S+)$/.exec(engines.node) ?? [];
  if (isAtLeast(version, oldest) && !isAtLeast(version, tooNew)) {
    return { name, status: "ok", detail: version };
  }
  return {
    name,
    status: "problem",
    detail: `${version} is not what this project runs on, ${engines.node}.`,
    remedy: "Install Node.js 22: https://nodejs.org/en/download",
  };
}

/** Terraform: missing or too old is a problem. */
export async function checkTerraformVersion(signal: AbortSignal): Promise<CheckResult> {
  const name = "Terraform";
  try {
    return { name, status: "ok", detail: await checkTerraform(signal) };
  } catch (error) {
    if (!(error instanceof MissingRequirementsError)) throw error;
    const [what = "", ...how] = error.missing.join("\n").replace(/^- /, "").split("\n");
    return {
      name,
      status: "problem",
      detail: `Missing: ${what}.`,
      remedy: how.map((line) => line.trim()).join("\n"),
    };
  }
}

/** What images are built with. Without one everything else still works. */
export async function checkEngine(signal: AbortSignal): Promise<CheckResult> {
  const name = "docker or podman";
  const engine = await findEngine(signal);
  if (engine) return { name, status: "ok", detail: `${engine} answers.` };
  return {
    name,
    status: "warning",
    detail: "Neither answers. Images are built with one of them.",
    remedy:
      "Install or start one: https://docs.docker.com/get-started/get-docker/ or https://podman.io/docs/installation",
  };
}

/** Programs that single commands need. */
const OPTIONAL = [
  {
    name: "psql",
    args: ["--version"],
    needed: "It is needed to open the database.",
    remedy: "Install PostgreSQL's client: https://www.postgresql.org/download/",
  },
  {
    name: "session-manager-plugin",
    args: ["--version"],
    needed: "It is needed for a tunnel to the database and for ECS Exec.",
    remedy:
      "Install it: https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html",
  },
] as const;

/** What only some commands need. */
export async function checkOptionalTools(signal: AbortSignal): Promise<CheckResult[]> {
  return Promise.all(
    OPTIONAL.map(async ({ name, args, needed, remedy }): Promise<CheckResult> => {
      const version = await versionOf(name, args, signal);
      if (version !== undefined) return { name, status: "ok", detail: version };
      return { name, status: "warning", detail: `It was not found. ${needed}`, remedy };
    }),
  );
}

function isAtLeast(version: string, other: string): boolean {
  return version.localeCompare(other, "en", { numeric: true }) >= 0;
}
