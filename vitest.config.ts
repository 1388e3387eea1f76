import { defineConfig } from "vitest/config";
import type { Reporter } from "vitest/node";

/** The closing line, for programs that read the outcome. A file of tests that does not load counts as one failed. */
const counts: Reporter = {
  onTestRunEnd(modules, errors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const passed = tests.filter((test) => test.result().state === "passed").length;
    const failed = tests.filter((test) => test.result().state === "failed").length;
    const broken = modules.filter(
      (module) => module.state() === "failed" && [...module.children.allTests("failed")].length === 0,
    ).length;
    // After the summary of the other reporter.
    setImmediate(() => console.log(`${passed} passed, ${failed + broken + errors.length} failed`));
  },
};

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters: ["default", counts],
  },
});
