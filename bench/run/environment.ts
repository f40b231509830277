import { pick } from "../../local/environment";

/** The user's environment without what npm adds for a script, what changes a synthesis, and Node's options. */
export function userEnvironment(): Record<string, string> {
  const others = Object.keys(process.env).filter(
    (name) => !/^(npm_|NODE_OPTIONS$|CDK_|CDKTF_|STATE_|TF_VAR_)/.test(name),
  );
  return { ...pick(process.env, others), CHECKPOINT_DISABLE: "1" };
}
