/**
 * Image tags that `npm run ops -- deploy` and `rollback` move, beside the one that tasks name.
 * What they name never expires, so that ECS can replace a task, and a rollback has something to go back to.
 */
export const RELEASE_TAGS = {
  /** The image that was deployed last. */
  deployed: "deployed",
  /** The image that ran before. */
  before: "deployed-before",
} as const;
