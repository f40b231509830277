import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const MINUTE = 60_000;

/** After the unit tests. These files mostly wait for programs and for the provider's polling: many side by side. */
const STARTS_PROGRAMS = { sequence: { groupOrder: 1 }, maxWorkers: 6 };

/** Small in bytes, and longer than any other: one import after the other, of each kind of resource. */
const LONGEST = "ops-doctor.e2e.test.ts";

/** Vitest by itself starts with the largest files, where no earlier run says which ones take long. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLongest = ({ moduleId }: TestSpecification) => moduleId.endsWith(LONGEST);
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))];
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    reporters: ["default", "./__tests__/helpers/time-breakdown.ts", "./__tests__/helpers/closing-line.ts"],
    projects: [
      {
        test: {
          name: "unit",
          include: ["__tests__/**/*.test.ts"],
          exclude: ["__tests__/e2e/**", "__tests__/programs/**", "__tests__/rules/**"],
          // cdktf and the provider are then loaded once for each worker, not once for each file.
          isolate: false,
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
