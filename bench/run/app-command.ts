import { readFile } from "node:fs/promises";

/** The program and its arguments that a cdktf.json or cdk.json names. */
export async function appCommand(file: string): Promise<readonly [file: string, ...args: string[]]> {
  const { app } = JSON.parse(await readFile(file, "utf8")) as { app: string };
  const [program = "", ...args] = app.split(" ");
  return [program, ...args];
}
