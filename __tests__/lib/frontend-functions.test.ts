import vm from "node:vm";
import { describe, expect, it } from "vitest";
import { KEEP_ASSETS, NAME_CLIENT, SERVE_PAGES } from "../../src/lib/frontend-functions";

/** Runs a program of CloudFront Functions on an event, as an edge does. */
function run(program: string, event: object): Record<string, unknown> {
  return JSON.parse(vm.runInNewContext(`${program}; JSON.stringify(handler(${JSON.stringify(event)}))`));
}

describe("SERVE_PAGES", () => {
  it.each([
    ["/", "/index.html"],
    ["/charts", "/index.html"],
    ["/charts/", "/index.html"],
    ["/v1.2/charts", "/index.html"],
    ["/charts/%C3%A4", "/index.html"],
    ["/index.html", "/index.html"],
    ["/favicon.ico", "/favicon.ico"],
    ["/locales/de.json", "/locales/de.json"],
    ["/.well-known/security.txt", "/.well-known/security.txt"],
  ])("%s is %s", (asked, served) => {
    const request = { method: "GET", uri: asked, querystring: { q: { value: "1" } }, headers: {} };

    expect(run(SERVE_PAGES, { request })).toEqual({ ...request, uri: served });
  });
});

describe("KEEP_ASSETS", () => {
  const answer = (statusCode: number) => ({
    statusCode,
    headers: { etag: { value: '"1"' }, "cache-control": { value: "max-age=60" } },
  });

  it.each([200, 206, 304])("lets browsers keep an answer of %i for a year", (statusCode) => {
    expect(run(KEEP_ASSETS, { response: answer(statusCode) })).toEqual({
      statusCode,
      headers: {
        etag: { value: '"1"' },
        "cache-control": { value: "public, max-age=31536000, immutable" },
      },
    });
  });

  it.each([403, 404, 503])("leaves an answer of %i as it is", (statusCode) => {
    expect(run(KEEP_ASSETS, { response: answer(statusCode) })).toEqual(answer(statusCode));
  });
});

describe("NAME_CLIENT", () => {
  const headers = { "x-forwarded-for": { value: "10.0.0.1" } };

  it.each([{}, { "true-client-ip": { value: "10.0.0.1" } }])(
    "names the client, whatever it says of itself: %j",
    (forged) => {
      const request = { method: "POST", uri: "/api/x", headers: { ...headers, ...forged } };

      expect(run(NAME_CLIENT, { request, viewer: { ip: "203.0.113.7" } })).toEqual({
        ...request,
        headers: { ...headers, "true-client-ip": { value: "203.0.113.7" } },
      });
    },
  );
});

it.each([SERVE_PAGES, KEEP_ASSETS, NAME_CLIENT])(
  "is less than the 10 KB that CloudFront takes",
  (program) => {
    expect(program.length).toBeLessThan(10_240);
  },
);
