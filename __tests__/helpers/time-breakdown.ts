import type { Reporter, TestModule } from "vitest/node";

const SLOWEST = 5;

/** Ends a run with where its time went: each project from its first file to its last, and the slowest files. */
export default class TimeBreakdown implements Reporter {
  private readonly projects = new Map<string, { start: number; end: number; files: number; tests: number }>();

  onTestModuleQueued({ project }: TestModule): void {
    const start = performance.now();
    if (!this.projects.has(project.name)) {
      this.projects.set(project.name, { start, end: start, files: 0, tests: 0 });
    }
  }

  onTestModuleEnd(module: TestModule): void {
    const project = this.projects.get(module.project.name);
    if (!project) return;
    project.end = performance.now();
    project.files += 1;
    project.tests += [...module.children.allTests()].length;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    console.log("\nWhere the time went, with everything after the unit tests side by side:");
    for (const [name, { start, end, files, tests }] of this.projects) {
      console.log(line(end - start, `${name} (${tests} tests, files: ${files})`));
    }
    const slowest = modules
      .map((module) => ({ duration: module.diagnostic().duration, path: module.relativeModuleId }))
      .sort((one, other) => other.duration - one.duration)
      .slice(0, SLOWEST);
    console.log("Slowest files:");
    for (const { duration, path } of slowest) console.log(line(duration, path));
  }
}

function line(milliseconds: number, what: string): string {
  return `${(milliseconds / 1000).toFixed(1).padStart(8)} s  ${what}`;
}
