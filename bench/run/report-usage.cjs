// Loaded into every Node.js process of a measured program, by NODE_OPTIONS.
const { readFileSync, writeFileSync } = process.getBuiltinModule("node:fs");
const { join } = process.getBuiltinModule("node:path");
const { isMainThread } = process.getBuiltinModule("node:worker_threads");

const directory = process.env.BENCH_USAGE_DIRECTORY;

if (isMainThread && directory) {
  process.on("exit", () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const usage = {
      cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
      peakMiB: (peakOnLinux() ?? maxRSS) / 1024,
    };
    writeFileSync(join(directory, `${process.pid}.json`), JSON.stringify(usage));
  });
}

/** KiB. On Linux, maxRSS is at least that of the process which started this one. */
function peakOnLinux() {
  if (process.platform !== "linux") return undefined;
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
  return line ? Number(line[1]) : undefined;
}
