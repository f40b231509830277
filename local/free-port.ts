/**
 * A free port of this machine, for connections from this machine.
 *
 * @param wanted - Taken when it is free.
 */
export async function freePort(wanted?: number): Promise<number> {
  // Its one export is a default export, which a program of the runner gets from import() only (decision 19).
  const { default: getPort } = await import("get-port");
  return getPort({ host: "127.0.0.1", port: wanted });
}
