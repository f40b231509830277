import { afterEach, describe, expect, it, vi } from "vitest";
import { gitHubOf, putComment, putDriftIssue } from "../../ci/github";

/*
 * GitHub is a fake that answers as its REST API documents.
 * https://docs.github.com/en/rest/issues
 */

const gitHub = { repository: "octocat/time-series", apiUrl: "https://api.example.com", token: "a-token" };
const PLAN = "<!-- terraform plan -->\n";
const DRIFT = "<!-- terraform drift -->\n";
const user = { login: "github-actions[bot]" };

afterEach(() => void vi.unstubAllGlobals());

describe("the comment with the plan", () => {
  it("is written where there is none", async () => {
    const calls = answer({
      "GET issues/7/comments?per_page=100&page=1": [{ id: 1, body: "A question", user }],
    });
    await putComment(gitHub, 7, "The plan");

    expect(calls.slice(1)).toEqual([["POST issues/7/comments", { body: `${PLAN}The plan` }]]);
  });

  it("is written anew where there is one, on whatever page", async () => {
    const others = Array.from({ length: 100 }, (_, id) => ({ id, body: null, user }));
    const calls = answer({
      "GET issues/7/comments?per_page=100&page=1": others,
      "GET issues/7/comments?per_page=100&page=2": [{ id: 200, body: `${PLAN}An older plan`, user }],
    });
    await putComment(gitHub, 7, "The plan");

    expect(calls.slice(2)).toEqual([["PATCH issues/comments/200", { body: `${PLAN}The plan` }]]);
  });

  it("leaves what somebody else has written with the same beginning", async () => {
    const forged = { id: 3, body: `${PLAN}Nothing changes`, user: { login: "mallory" } };
    const calls = answer({ "GET issues/7/comments?per_page=100&page=1": [forged] });
    await putComment(gitHub, 7, "The plan");

    expect(calls.slice(1)).toEqual([["POST issues/7/comments", { body: `${PLAN}The plan` }]]);
  });

  it("fails with GitHub's own words", async () => {
    vi.stubGlobal(
      "fetch",
      async () => new Response("Resource not accessible by integration", { status: 403 }),
    );

    await expect(putComment(gitHub, 7, "The plan")).rejects.toThrow(
      "GitHub answered 403 to GET https://api.example.com/repos/octocat/time-series/issues/7/comments?per_page=100&page=1: Resource not accessible by integration",
    );
  });
});

describe("the issue about drift", () => {
  const list = "GET issues?per_page=100&page=1";

  it("is opened where there is none", async () => {
    const calls = answer({ [list]: [] });
    await putDriftIssue(gitHub, "One change");

    expect(calls.slice(1)).toEqual([
      ["POST issues", { title: "The deployment differs from main", body: `${DRIFT}One change` }],
    ]);
  });

  it("is written anew where there is one", async () => {
    const calls = answer({ [list]: [{ number: 9, id: 90, body: `${DRIFT}Another change`, user }] });
    await putDriftIssue(gitHub, "One change");

    expect(calls.slice(1)).toEqual([["PATCH issues/9", { body: `${DRIFT}One change` }]]);
  });

  it("is no pull request, which GitHub lists with the issues", async () => {
    const pullRequest = { number: 8, id: 80, body: `${DRIFT}One change`, user, pull_request: {} };
    const calls = answer({ [list]: [pullRequest] });
    await putDriftIssue(gitHub, "One change");

    expect(calls.slice(1)).toMatchObject([["POST issues", {}]]);
  });

  it("is closed when the drift is gone", async () => {
    const calls = answer({ [list]: [{ number: 9, id: 90, body: `${DRIFT}One change`, user }] });
    await putDriftIssue(gitHub, undefined);

    expect(calls.slice(1)).toEqual([
      ["POST issues/9/comments", { body: "The drift is gone." }],
      ["PATCH issues/9", { state: "closed" }],
    ]);
  });

  it("is left alone when there is neither", async () => {
    const calls = answer({ [list]: [] });
    await putDriftIssue(gitHub, undefined);

    expect(calls).toHaveLength(1);
  });
});

describe("the environment", () => {
  it("is read as GitHub sets it", () => {
    expect(gitHubOf({ GITHUB_REPOSITORY: "octocat/time-series", GITHUB_TOKEN: "a-token" })).toEqual({
      ...gitHub,
      apiUrl: "https://api.github.com",
    });
  });

  it("must hold the token", () => {
    expect(() => gitHubOf({ GITHUB_REPOSITORY: "octocat/time-series" })).toThrow("GITHUB_TOKEN is not set");
  });
});

/** Makes `fetch` answer requests by "METHOD path", the others with nothing. Returns what is asked. */
function answer(answers: Readonly<Record<string, unknown>>): [string, unknown?][] {
  const calls: [string, unknown?][] = [];
  vi.stubGlobal("fetch", async (url: string, { method, body }: { method: string; body?: string }) => {
    const request = `${method} ${url.replace("https://api.example.com/repos/octocat/time-series/", "")}`;
    calls.push(body === undefined ? [request] : [request, JSON.parse(body)]);
    return Response.json(answers[request] ?? {});
  });
  return calls;
}
