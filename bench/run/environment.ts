/** The user's environment without what npm adds for a script, what changes a synthesis, and Node's options. */
export function userEnvironment(): Record<string, string> {
  const others = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(npm_|NODE_OPTIONS$|CDK_|CDKTF_|STATE_|TF_VAR_)/.test(entry[0]),
  );
  return { ...Object.fromEntries(others), CHECKPOINT_DISABLE: "1" };
}
