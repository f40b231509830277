import type { TestSpecification, Vite } from "vitest/node";

/**
 * Transforms what test files import, file after file, while the first of them already run.
 *
 * By itself vitest transforms a module when a test comes to its import: the worker asks for it and waits, and then
 * asks for the next.
 */
export async function transformAhead(files: readonly TestSpecification[]): Promise<void> {
  const seen = new Set<string>();
  for (const { project, moduleId } of files) await transform(project.vite.environments.ssr, moduleId, seen);
}

/** Transforms a module, and then all that it imports from the project. */
async function transform(environment: Vite.DevEnvironment, url: string, seen: Set<string>): Promise<void> {
  if (seen.has(url) || url.includes("/node_modules/")) return;
  seen.add(url);
  try {
    await environment.transformRequest(url);
    const imported = (await environment.moduleGraph.getModuleByUrl(url))?.importedModules ?? [];
    await Promise.all([...imported].map((module) => transform(environment, module.url, seen)));
  } catch {
    // The test that imports it fails, and says why.
  }
}
