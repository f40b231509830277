import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { transformAhead } from "./__tests__/helpers/transform-ahead.ts";

const MINUTE = 60_000;

/** After the unit tests. These files mostly wait for programs and for the provider's polling: many side by side. */
const STARTS_PROGRAMS = { sequence: { groupOrder: 1 }, maxWorkers: 8 };

/** Small in bytes, and long: they mostly wait, and would do so alone at the end. */
const LONG = /\/(?:cdktf-cli|ops-destroy|ops-doctor|production)\.e2e\./;

/** Many of these mock modules, and have all of them loaded anew before and after. */
const MOCKING = "/__tests__/ops/";

/** What Node.js and V8 do for programs that run longer than the unit tests. */
const SHORT_LIVED = [
  // They compile a CommonJS package twice, the first time to see that it is no ES module.
  "--no-experimental-detect-module",
  // They optimize the HCL parser, which is WebAssembly: that takes longer than all that the tests parse.
  "--liftoff-only",
  // They optimize a function after a ninth of this, which is how much of its bytecode has run.
  "--interrupt-budget=600000",
];

/**
 * The long files first, and the mocking ones last. Vitest by itself starts with the largest.
 *
 * The order also is the one in which the unit tests are transformed ahead, so that starts here.
 */
class Order extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) =>
      LONG.test(moduleId) ? 0 : moduleId.includes(MOCKING) ? 2 : 1;
    const sorted = (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
    void transformAhead(sorted.filter(({ project }) => project.name === "unit"));
    return sorted;
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: Order },
    reporters: ["default", "./__tests__/helpers/time-breakdown.ts", "./__tests__/helpers/closing-line.ts"],
    projects: [
      {
        test: {
          name: "unit",
          include: ["__tests__/**/*.test.ts"],
          exclude: ["__tests__/e2e/**", "__tests__/programs/**", "__tests__/rules/**"],
          // cdktf and the provider are then loaded once for each worker, not once for each file.
          isolate: false,
          execArgv: SHORT_LIVED,
          // Vitest otherwise reads each file of a package that is imported, to see whether Node.js can load it.
          server: { deps: { external: [/\/node_modules\//] } },
          setupFiles: "./__tests__/helpers/lean-cdktf.ts",
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "programs",
          include: ["__tests__/programs/**/*.test.ts"],
          testTimeout: 2 * MINUTE,
          hookTimeout: 2 * MINUTE,
          ...STARTS_PROGRAMS,
        },
      },
      {
        test: {
          name: "rules",
          include: ["__tests__/rules/**/*.test.ts"],
          globalSetup: "./__tests__/rules/required-tools.ts",
          testTimeout: 2 * MINUTE,
          hookTimeout: 2 * MINUTE,
          ...STARTS_PROGRAMS,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["__tests__/e2e/**/*.e2e.test.ts"],
          globalSetup: ["./__tests__/e2e/required-tools.ts", "./__tests__/e2e/installed-provider.ts"],
          testTimeout: 10 * MINUTE,
          hookTimeout: 10 * MINUTE,
          ...STARTS_PROGRAMS,
        },
      },
    ],
  },
});
