import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { freePort } from "../../local/free-port";

it("a free port is the wanted one as soon as nobody has it, and another one before", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: wanted } = server.address() as AddressInfo;

  expect(await freePort(wanted)).not.toBe(wanted);

  server.close();
  await once(server, "close");
  expect(await freePort(wanted)).toBe(wanted);
});
