import { once } from "node:events";
import {
  connect,
  constants,
  createServer,
  type ClientHttp2Session,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import { connect as connectSocket } from "node:net";
import { buffer } from "node:stream/consumers";
import { withoutUnusedTypes } from "../helpers/provider-schema";

/** What Terraform asks every provider first, in each command. */
const GET_SCHEMA = "/tfplugin5.Provider/GetSchema";

/** Of a message of gRPC: whether it is compressed, and its length. */
const PREFIX_BYTES = 5;

export interface Gateway {
  close(): void;
}

/**
 * Stands between Terraform and a provider, and passes every call on. Only the provider's schema it answers
 * itself: with the provider's own, asked for once, without the types that nobody uses. Terraform reads all
 * of a schema in each command, and that of AWS's provider takes it longer than most plans.
 *
 * @param socket - Where Terraform finds the gateway.
 * @param provider - The socket of the provider.
 * @param isUsed - Whether a type of resource or data source is used. Terraform does not know the others.
 */
export async function startGateway(
  socket: string,
  provider: string,
  isUsed: (type: string) => boolean,
): Promise<Gateway> {
  const upstream = connect("http://provider", { createConnection: () => connectSocket(provider) });
  const sessions = new Set<Http2Session>();
  const schema = askForSchema(upstream, isUsed);
  const server = createServer();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  server.on("stream", (call, headers) => {
    if (headers[":path"] === GET_SCHEMA) void schema.then((answer) => respond(call, answer));
    else passOn(call, headers, upstream);
  });
  // A Terraform that was killed waits for no answer.
  server.on("sessionError", () => undefined);
  server.listen(socket);
  await once(server, "listening");

  return {
    close() {
      server.close();
      for (const session of [upstream, ...sessions]) session.destroy();
    },
  };
}

async function askForSchema(
  upstream: ClientHttp2Session,
  isUsed: (type: string) => boolean,
): Promise<Uint8Array> {
  const call = upstream.request({
    ":method": "POST",
    ":path": GET_SCHEMA,
    "content-type": "application/grpc",
    te: "trailers",
  });
  // A request without a field: its length is 0.
  call.end(Buffer.alloc(PREFIX_BYTES));
  const answer = await buffer(call);
  const message = withoutUnusedTypes(answer.subarray(PREFIX_BYTES), isUsed);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function respond(call: ServerHttp2Stream, answer: Uint8Array): void {
  call.resume();
  call.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  call.on("wantTrailers", () => call.sendTrailers({ "grpc-status": "0" }));
  call.end(answer);
}

function passOn(call: ServerHttp2Stream, headers: IncomingHttpHeaders, upstream: ClientHttp2Session): void {
  const asked = upstream.request(headers);
  let trailers: IncomingHttpHeaders = {};
  asked.on("response", (answer, flags) => {
    if (call.destroyed) return;
    // An error comes as headers alone.
    if (flags & constants.NGHTTP2_FLAG_END_STREAM) call.respond(answer, { endStream: true });
    else call.respond(answer, { waitForTrailers: true });
  });
  asked.on("trailers", (last) => {
    trailers = last;
  });
  call.on("wantTrailers", () => call.sendTrailers(trailers));
  call.pipe(asked);
  asked.pipe(call);
  call.on("error", () => undefined);
  // Whoever goes first ends the other.
  call.on("close", () => asked.close(constants.NGHTTP2_CANCEL));
  asked.on("close", () => {
    if (asked.rstCode !== constants.NGHTTP2_NO_ERROR) call.close(asked.rstCode);
  });
}
