import { applyEdits, modify } from "jsonc-parser";
import { NEW_REVISION } from "./changes";

/**
 * The state as it is handed to this project: the same bytes, except that the old task definition is to be
 * left registered when it is replaced, so that the service can be put back on it. Terraform goes by the
 * state there, because the old revision has no configuration any more.
 */
export function stateForThisProject(text: string): string {
  const state = JSON.parse(text) as {
    resources: { mode: string; type: string; name: string; module?: string; instances: unknown[] }[];
  };
  let copy = text;
  state.resources.forEach(({ mode, type, name, module, instances }, resource) => {
    if (mode !== "managed" || module || !NEW_REVISION.includes(`${type}.${name}`)) return;
    instances.forEach((_, instance) => {
      const path = ["resources", resource, "instances", instance, "attributes", "skip_destroy"];
      copy = applyEdits(copy, modify(copy, path, true, { formattingOptions: {} }));
    });
  });
  return copy;
}
