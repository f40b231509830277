/** What GitHub tells a workflow about itself. */
export interface GitHub {
  /** `owner/name`. */
  readonly repository: string;
  readonly apiUrl: string;
  readonly token: string;
}

/** A comment, or an issue or pull request, which GitHub lists together. */
interface Post {
  readonly number: number;
  readonly id: number;
  readonly body: string | null;
  readonly user: { readonly login: string };
  readonly pull_request?: object;
}

/**
 * Reads the environment of a workflow.
 *
 * @throws when a variable is missing.
 */
export function gitHubOf(env: NodeJS.ProcessEnv): GitHub {
  const needed = (name: string): string => {
    const value = env[name];
    if (!value) throw new Error(`${name} is not set: this command is for a job of GitHub Actions`);
    return value;
  };
  return {
    repository: needed("GITHUB_REPOSITORY"),
    apiUrl: env.GITHUB_API_URL || "https://api.github.com",
    token: needed("GITHUB_TOKEN"),
  };
}

/** Keeps one comment at a pull request: writes it, or writes it anew. */
export async function putComment(gitHub: GitHub, pullRequest: number, body: string): Promise<void> {
  const marker = "<!-- terraform plan -->";
  const path = `issues/${pullRequest}/comments`;
  const text = { body: `${marker}\n${body}` };
  const existing = await find(gitHub, path, marker);
  if (existing) await request(gitHub, "PATCH", `issues/comments/${existing.id}`, text);
  else await request(gitHub, "POST", path, text);
}

/** Keeps one open issue about drift: opens it, writes it anew, or closes it where `body` is undefined. */
export async function putDriftIssue(gitHub: GitHub, body: string | undefined): Promise<void> {
  const marker = "<!-- terraform drift -->";
  const existing = await find(gitHub, "issues", marker);
  if (body === undefined) {
    if (!existing) return;
    const path = `issues/${existing.number}`;
    await request(gitHub, "POST", `${path}/comments`, { body: "The drift is gone." });
    await request(gitHub, "PATCH", path, { state: "closed" });
    return;
  }
  const text = { body: `${marker}\n${body}` };
  if (existing) await request(gitHub, "PATCH", `issues/${existing.number}`, text);
  else await request(gitHub, "POST", "issues", { ...text, title: "The deployment differs from main" });
}

/** The first of what the workflows have opened at a path that starts with a marker: others may write one too. */
async function find(gitHub: GitHub, path: string, marker: string): Promise<Post | undefined> {
  const size = 100;
  for (let page = 1; ; page += 1) {
    const posts = (await request(gitHub, "GET", `${path}?per_page=${size}&page=${page}`)) as Post[];
    const found = posts.find(
      ({ body, user, pull_request }) =>
        body?.startsWith(marker) && user.login === "github-actions[bot]" && !pull_request,
    );
    if (found || posts.length < size) return found;
  }
}

async function request(gitHub: GitHub, method: string, path: string, body?: object): Promise<unknown> {
  const url = `${gitHub.apiUrl}/repos/${gitHub.repository}/${path}`;
  const response = await fetch(url, {
    method,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${gitHub.token}`,
      "x-github-api-version": "2022-11-28",
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) {
    throw new Error(`GitHub answered ${response.status} to ${method} ${url}: ${await response.text()}`);
  }
  return response.json();
}
