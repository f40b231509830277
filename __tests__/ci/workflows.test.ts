import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ciProgram } from "../../ci/program";

const root = join(import.meta.dirname, "../..");
const directory = ".github/workflows";
const workflows = readdirSync(join(root, directory)).map((file) => join(directory, file));
const action = ".github/actions/prepare/action.yml";
const files = [...workflows, action];

interface Step {
  readonly run?: string;
  readonly uses?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly "timeout-minutes"?: number;
  readonly steps: readonly Step[];
}

/** A workflow, which has jobs, or an action, which runs. */
interface WorkflowOrAction {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs?: Readonly<Record<string, Job>>;
  readonly runs?: Job;
}

const all = new Map(files.map((file) => [file, parse(read(file)) as WorkflowOrAction]));

function parsed(file: string): WorkflowOrAction {
  return all.get(file) ?? {};
}

describe.each(workflows)("%s", (file) => {
  it("says what it may do, and for how long", () => {
    const { permissions = { none: "given" }, jobs = {} } = parsed(file);

    for (const permission of Object.values(permissions)) {
      expect(permission).toBe("read");
    }
    for (const job of Object.values(jobs)) {
      expect(job["timeout-minutes"]).toBeGreaterThan(0);
    }
  });
});

describe.each(files)("%s", (file) => {
  it("pins actions to a commit, with its version", () => {
    for (const [, used] of read(file).matchAll(/uses: (.*)/g)) {
      expect(used).toMatch(/^\.\/\.github\/actions\/|@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  it("calls scripts and commands that there are", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const commands = ciProgram().commands.map((command) => command.name());

    for (const { run = "" } of steps(file)) {
      for (const [, script] of run.matchAll(/npm run (?:--silent )?([\w:-]+)/g)) {
        expect(Object.keys(scripts)).toContain(script);
      }
      for (const [, command] of run.matchAll(/npm run ci -- ([\w-]+)/g)) {
        expect(commands).toContain(command);
      }
    }
  });

  it("gives secrets to single commands alone, by their environment", () => {
    for (const step of steps(file)) {
      expect(JSON.stringify({ ...step, env: undefined })).not.toContain("secrets.");
    }
    const inSteps = steps(file).flatMap(({ env = {} }) =>
      Object.values(env).filter((value) => value.includes("secrets.")),
    );
    expect(read(file).match(/\$\{\{ *secrets\./g) ?? []).toHaveLength(inSteps.length);
  });

  it("puts no expression into a script, where it would be code", () => {
    for (const { run = "" } of steps(file)) expect(run).not.toContain("${{");
  });

  it("leaves no credentials of git behind", () => {
    const checkouts = steps(file).filter(({ uses = "" }) => uses.startsWith("actions/checkout@"));

    // Tests run with no credentials of AWS.
    if (file.endsWith("ci.yml")) return;
    for (const step of checkouts) expect(step.with).toMatchObject({ "persist-credentials": false });
  });
});

describe("the workflows", () => {
  it("give a fork no credentials", () => {
    expect(jobs("plan.yml").plan?.if).toContain(
      "github.event.pull_request.head.repo.full_name == github.repository",
    );
  });

  it("deploy by the environment's role alone, what was approved alone", () => {
    const { plan, apply } = jobs("deploy.yml");
    const text = JSON.stringify(apply?.steps);

    expect(JSON.stringify(plan)).not.toContain("AWS_DEPLOY_ROLE_ARN");
    expect(apply?.environment).toBe("production");
    expect(text.indexOf("same-plan")).toBeGreaterThan(text.indexOf("terraform plan"));
    expect(text.indexOf("terraform apply")).toBeGreaterThan(text.indexOf("same-plan"));
  });

  it("follow the rollout after the apply, which does not wait for it", () => {
    const text = JSON.stringify(jobs("deploy.yml").apply?.steps);

    expect(text.indexOf("npm run ops -- deploy --watch")).toBeGreaterThan(text.indexOf("terraform apply"));
  });

  it("compare a pull request with the commit that it started from, whose history is there", () => {
    const { steps = [] } = jobs("ci.yml").bench ?? {};
    const compare = steps.find(({ run = "" }) => run.includes("npm run bench -- compare"));

    expect(compare).toMatchObject({ if: "github.event_name == 'pull_request'" });
    expect(compare?.run).toContain('"origin/$GITHUB_BASE_REF"');
    expect(steps[0]?.with).toMatchObject({ "fetch-depth": 0 });
  });

  it("apply nowhere else", () => {
    const applying = workflows.filter((file) => read(file).includes("terraform apply"));

    expect(applying).toEqual([join(directory, "deploy.yml")]);
  });
});

function jobs(name: string): Record<string, Job> {
  return parsed(join(directory, name)).jobs ?? {};
}

function steps(file: string): readonly Step[] {
  const { jobs = {}, runs } = parsed(file);
  return [...Object.values(jobs), ...(runs ? [runs] : [])].flatMap((job) => job.steps);
}

function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}
