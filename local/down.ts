import { endKeptRun, findKeptRun, KEPT } from "./kept";
import { removeAbandonedWorkspaces, workspaceOf } from "./workspace";

/** Ends the kept emulator and removes its directory. Says so when there is none. */
export async function down(): Promise<void> {
  const kept = await findKeptRun();
  await removeAbandonedWorkspaces();
  switch (kept.state) {
    case "running":
      await endKeptRun(kept.emulator);
      console.log(`Ended the emulator at ${kept.emulator.endpoint} and removed everything of it.`);
      return;
    case "starting":
      throw new Error(
        '"npm run local -- --keep" is still deploying: end it with Ctrl-C, it cleans up by itself',
      );
    case "none":
      await workspaceOf(KEPT).remove();
      console.log("Nothing is running.");
  }
}
