import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startEmulator, type Emulator } from "../../local/emulator";

let directory: string;
let emulator: Emulator;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "emulator-"));
  emulator = await startEmulator({ directory });
});

afterAll(async () => {
  await emulator.stop();
  await rm(directory, { recursive: true });
});

it("leaves it to the client to end a connection, however long that takes the response in", async () => {
  const { hostname, port } = new URL(emulator.endpoint);
  const socket = connect(Number(port), hostname);
  const events: string[] = [];
  socket.on("data", () => events.push("response"));
  socket.on("end", () => events.push("closed by the emulator"));
  socket.write("GET /moto-api/ HTTP/1.1\r\nHost: localhost\r\n\r\n");

  await sleep(1000);

  expect(new Set(events)).toEqual(new Set(["response"]));
  socket.destroy();
});
