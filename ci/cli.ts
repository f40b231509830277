import { ciProgram } from "./program";

try {
  await ciProgram().parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
