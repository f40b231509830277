interface FargateMemory {
  readonly minMiB: number;
  readonly maxMiB: number;
  readonly stepMiB: number;
}

/**
 * Memory that Fargate offers for each number of CPU units.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
 */
const MEMORY_BY_CPU: Readonly<Record<number, FargateMemory>> = {
  512: { minMiB: 1024, maxMiB: 4096, stepMiB: 1024 },
  1024: { minMiB: 2048, maxMiB: 8192, stepMiB: 1024 },
  2048: { minMiB: 4096, maxMiB: 16384, stepMiB: 1024 },
  4096: { minMiB: 8192, maxMiB: 30720, stepMiB: 1024 },
  8192: { minMiB: 16384, maxMiB: 61440, stepMiB: 4096 },
  16384: { minMiB: 32768, maxMiB: 122880, stepMiB: 8192 },
};

/** Every size of a Fargate task: CPU units to the amounts of memory (MiB) that go with them. */
export const FARGATE_SIZES: Readonly<Record<number, readonly number[]>> = {
  // The smallest is the only one that does not grow in equal steps.
  256: [512, 1024, 2048],
  ...Object.fromEntries(
    Object.entries(MEMORY_BY_CPU).map(([cpu, { minMiB, maxMiB, stepMiB }]) => [
      cpu,
      Array.from({ length: (maxMiB - minMiB) / stepMiB + 1 }, (_, step) => minMiB + step * stepMiB),
    ]),
  ),
};
