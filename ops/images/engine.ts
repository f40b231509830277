import { versionOf } from "../program";

/** What builds and pushes images. Both take the same arguments for all that is needed here. */
export type Engine = "docker" | "podman";

/** The first container engine that answers, its daemon included. */
export async function findEngine(signal: AbortSignal): Promise<Engine | undefined> {
  for (const engine of ["docker", "podman"] as const) {
    if ((await versionOf(engine, ["version"], signal)) !== undefined) return engine;
  }
  return undefined;
}
