import type { Reporter, SerializedError, TestModule } from "vitest/node";

/** Ends a run with one line that says how many tests passed and failed, for people and for CI. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    // A file that could not be loaded, or a hook that threw, fails the run without failing a test.
    const brokenModules = modules.filter(
      (module) => module.state() === "failed" && ![...module.children.allTests("failed")].length,
    ).length;

    const failed = count("failed") + brokenModules + unhandledErrors.length;
    const skipped = count("skipped");
    const skippedText = skipped > 0 ? `, ${skipped} skipped` : "";
    console.log(`\nTests: ${count("passed")} passed, ${failed} failed${skippedText}`);
  }
}
