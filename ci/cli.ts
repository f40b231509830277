import { ciProgram } from "./program";

export const done = main();

async function main(): Promise<void> {
  try {
    await ciProgram().parseAsync();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
