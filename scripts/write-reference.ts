import { readFileSync, writeFileSync } from "node:fs";
import { README, withReference } from "./reference";

writeFileSync(README, await withReference(readFileSync(README, "utf8")));
