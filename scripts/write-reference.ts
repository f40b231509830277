import { readFileSync, writeFileSync } from "node:fs";
import { README, UPGRADING, withChanges, withReference } from "./reference";

writeFileSync(README, await withReference(readFileSync(README, "utf8")));
writeFileSync(UPGRADING, await withChanges(readFileSync(UPGRADING, "utf8")));
