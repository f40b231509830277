import { join } from "node:path";

/** The directory of the benchmark. */
export const BENCH = import.meta.dirname;
/** Holds the contenders as they are run, to look at. Made anew by each run, not in version control. */
export const WORK = join(BENCH, ".work");
