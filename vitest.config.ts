import { defineConfig } from "vitest/config";

const MINUTE = 60_000;

export default defineConfig({
  test: {
    reporters: ["default", "./__tests__/helpers/closing-line.ts"],
    projects: [
      {
        test: {
          name: "unit",
          include: ["__tests__/**/*.test.ts"],
          exclude: ["__tests__/e2e/**", "__tests__/rules/**"],
          // cdktf and the provider are then loaded once for each worker, not once for each file.
          isolate: false,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "rules",
          include: ["__tests__/rules/**/*.test.ts"],
          globalSetup: "./__tests__/rules/required-tools.ts",
          testTimeout: 2 * MINUTE,
          hookTimeout: 2 * MINUTE,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["__tests__/e2e/**/*.e2e.test.ts"],
          globalSetup: ["./__tests__/e2e/required-tools.ts", "./__tests__/e2e/installed-provider.ts"],
          // After the unit tests. The files mostly wait for the provider's polling, so a few run side by side.
          sequence: { groupOrder: 1 },
          maxWorkers: 4,
          testTimeout: 10 * MINUTE,
          hookTimeout: 10 * MINUTE,
        },
      },
    ],
  },
});
