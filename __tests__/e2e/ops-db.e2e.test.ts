import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DescribeSecurityGroupsCommand, DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTaskDefinitionsCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
  type Task,
} from "@aws-sdk/client-ecs";
import {
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  CreateDBSubnetGroupCommand,
  DescribeDBInstancesCommand,
  RDSClient,
} from "@aws-sdk/client-rds";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startEmulator, type Emulator } from "../../local/emulator";
import { cleanEnvironment, emulatorCredentials } from "../../local/environment";
import { projectRoot } from "../../local/workspace";

// The real command against the emulator. Between the two stands a proxy for what the emulator lacks: it runs no
// tasks, so they have no agent, and it has no sessions. What would connect to the database is a script that
// writes down what it was called with: nothing here needs PostgreSQL or the Session Manager plugin.

const REGION = "us-west-2";
const PASSWORD = "not-in-any-output-1";
const TOKEN = "not-in-any-process-list-1";
const CLUSTER = "time-series-analyzer-cluster";
const SERVICE = "time-series-analyzer-backend-service";
const FAMILY = "time-series-analyzer-backend";
const INSTANCE = "time-series-analyzer-postgres";

/** What each fake does after it wrote down its arguments and its environment. */
const FAKES = {
  "session-manager-plugin": `
    if [ "$1" = --version ]; then echo 1.2.707.0; exit; fi
    record
    echo "Port 1 opened for sessionId fake."
    echo "Waiting for connections..."
    exec sleep 600`,
  psql: `
    if [ "$1" = --version ]; then echo "psql (PostgreSQL) 15.14"; exit; fi
    record
    case "$*" in *pg_extension*) echo '["plpgsql"]'; exit;; esac
    echo '{"serverVersion":"15.14","bytes":1048576,"tables":[{"name":"public.readings","estimatedRows":12,"bytes":524288}]}'`,
  pg_dump: `
    if [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) \${FAKE_PG_DUMP:-15.14}"; exit; fi
    record
    for argument; do case $argument in --file=*) echo "a dump" > "\${argument#--file=}";; esac; done
    exit \${FAKE_EXIT_CODE:-0}`,
  pg_restore: `
    if [ "$1" = --version ]; then echo "pg_restore (PostgreSQL) 15.14"; exit; fi
    if [ "$1" = --list ]; then
      echo "; Archive created at 2026-11-20 17:00:00 UTC"
      echo ";     dbname: timeseries"
      echo "214; 1259 16386 TABLE public readings tsuser"
      echo "3330; 0 16386 TABLE DATA public readings tsuser"
      exit
    fi
    record`,
};

let directory: string;
let emulator: Emulator;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let ecs: ECSClient;
let rds: RDSClient;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "ops-db-"));
  emulator = await startEmulator({ directory });
  proxy = await startProxy(emulator.endpoint);
  ecs = client(ECSClient);
  rds = client(RDSClient);
  await writeFakes();
  await writeStack(await deploy());
});

afterAll(async () => {
  proxy?.close();
  await emulator?.stop();
  await rm(directory, { recursive: true, force: true });
});

beforeEach(async () => {
  await rm(path.join(directory, "record"), { recursive: true, force: true });
  await mkdir(path.join(directory, "record"));
});

describe("ops db", () => {
  it("says what to set while sessions into tasks are not allowed", async () => {
    const { exitCode, stderr } = await ops(["dump", "a.dump"]);

    expect(exitCode).toBe(2);
    expect(stderr).toContain("enable_execute_command = true");
    expect(await tunnelTasks()).toEqual([]);
    await ecs.send(
      new UpdateServiceCommand({ cluster: CLUSTER, service: SERVICE, enableExecuteCommand: true }),
    );
  });

  it("dumps through a task of its own, which it stops", async () => {
    const file = path.join(directory, "a.dump");

    const { exitCode, stdout } = await ops(["dump", "a.dump", "--json"]);

    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ file, bytes: 7, database: "timeseries" });
    expect(await readFile(file, "utf8")).toBe("a dump\n");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const [task] = await tunnelTasks();
    expect(task).toMatchObject({ desiredStatus: "STOPPED", startedBy: expect.stringMatching(/^ops-db\//) });
    await expectOwnDefinition(task);
  });

  it("gives the password to the client's environment, the token to the plugin's, and neither to anybody else", async () => {
    const { stdout, stderr } = await ops(["psql", "--", "--csv", "--command", "select 1"]);

    const [psql, plugin] = [await recorded("psql"), await recorded("session-manager-plugin")];
    expect(psql.argv).toEqual(["--csv", "--command", "select 1"]);
    expect(psql.env).toMatchObject({
      PGHOST: expect.stringMatching(/^time-series-analyzer-postgres\..*\.rds\.amazonaws\.com$/),
      PGHOSTADDR: "127.0.0.1",
      PGDATABASE: "timeseries",
      PGUSER: "tsuser",
      PGPASSWORD: PASSWORD,
      PGSSLMODE: "require",
    });
    expect(psql.env.PGSERVICE).toBeUndefined();
    expect(plugin.argv.slice(0, 3)).toEqual(["AWS_SSM_START_SESSION_RESPONSE", REGION, "StartSession"]);
    expect(JSON.parse(plugin.argv[4] ?? "")).toMatchObject({
      Target: expect.stringMatching(new RegExp(`^ecs:${CLUSTER}_[\\w-]+_a-runtime-id$`)),
      DocumentName: "AWS-StartPortForwardingSessionToRemoteHost",
      Parameters: { host: [psql.env.PGHOST], portNumber: ["5433"], localPortNumber: [psql.env.PGPORT] },
    });
    expect(plugin.env.AWS_SSM_START_SESSION_RESPONSE).toContain(TOKEN);

    expect(`${psql.argv} ${plugin.argv} ${stdout} ${stderr}`).not.toMatch(new RegExp(`${PASSWORD}|${TOKEN}`));
    expect(JSON.stringify(plugin.env)).not.toContain(PASSWORD);
    expect(JSON.stringify(psql.env)).not.toContain(TOKEN);
  });

  it("overwrites no dump, and leaves nothing of one that failed", async () => {
    const [existing, failing] = await Promise.all([
      ops(["dump", "a.dump"]),
      ops(["dump", "b.dump"], { FAKE_EXIT_CODE: "1" }),
    ]);

    expect(existing.exitCode).toBe(2);
    expect(existing.stderr).toContain("exists, and is not overwritten");
    expect(failing.exitCode).toBe(1);
    expect(existsSync(path.join(directory, "b.dump"))).toBe(false);
    expect((await execa("ls", [directory])).stdout).not.toContain(".partial");
    expect(await stillRunning()).toEqual([]);
  });

  it("refuses a pg_dump that is older than the server before it starts anything", async () => {
    const before = (await tunnelTasks()).length;

    const { exitCode, stderr } = await ops(["dump", "c.dump"], { FAKE_PG_DUMP: "14.9" });

    expect(exitCode).toBe(2);
    expect(stderr).toContain("pg_dump 14 cannot dump PostgreSQL 15");
    expect(await tunnelTasks()).toHaveLength(before);
  });

  it("restores only when the name of the database was given, and says what will be overwritten", async () => {
    const [unasked, wrong] = await Promise.all([
      ops(["restore", "a.dump"]),
      ops(["restore", "a.dump", "--yes-restore", "another"]),
    ]);
    expect([unasked.exitCode, wrong.exitCode]).toEqual([2, 2]);
    expect(unasked.stderr).toContain("public.readings");
    expect(existsSync(path.join(directory, "record", "pg_restore.argv"))).toBe(false);

    const { exitCode, stdout } = await ops(["restore", "a.dump", "--yes-restore", "timeseries"]);

    expect(exitCode).toBe(0);
    expect(stdout).toContain("1 tables");
    const { argv, env } = await recorded("pg_restore");
    expect(argv).toEqual(
      expect.arrayContaining([
        "--clean",
        "--if-exists",
        "--no-owner",
        "--single-transaction",
        "--dbname=timeseries",
      ]),
    );
    expect(env.PGPASSWORD).toBe(PASSWORD);
  });

  it("keeps a tunnel open until Ctrl-C, then stops its task", async () => {
    const tunnel = start(["tunnel", "--port", "25432"]);
    let shown = "";
    tunnel.stdout.on("data", (chunk) => (shown += String(chunk)));
    await expect.poll(() => shown, { timeout: 60_000 }).toContain("The database is at 127.0.0.1:25432");
    expect(await stillRunning()).toHaveLength(1);

    tunnel.kill("SIGINT");
    const { exitCode, stderr } = await tunnel;

    expect(exitCode).toBe(130);
    expect(stderr).toContain("The task is stopped: nothing of the tunnel is left.");
    expect(await stillRunning()).toEqual([]);
  });

  it("names the task and how to stop it when that fails, and names it to the next one, too", async () => {
    proxy.failing.add("StopTask");
    const first = await ops(["psql"]);
    proxy.failing.clear();
    const second = await ops(["psql"]);

    const [left] = await stillRunning();
    const command = `aws ecs stop-task --region ${REGION} --cluster ${CLUSTER} --task ${left?.taskArn?.split("/").at(-1)}`;
    expect(first.exitCode).toBe(0);
    expect(first.stderr).toContain("It ends by itself at");
    expect(first.stderr).toContain(command);
    expect(second.stderr).toContain("Another tunnel is open");
    expect(second.stderr).toContain(command);
  });

  it("says how large it is", async () => {
    const { stdout } = await ops(["size", "--tables", "--json"]);

    expect(JSON.parse(stdout)).toMatchObject({
      identifier: INSTANCE,
      allocatedBytes: 20 * 1024 ** 3,
      contents: { tables: [{ name: "public.readings", estimatedRows: 12 }] },
    });
  });
});

describe("ops db drill", () => {
  it("restores the newest snapshot next to the original, compares, and removes it", async () => {
    // The emulator has made an automated one with the instance, and its times have whole seconds.
    await sleep(1100);
    await rds.send(
      new CreateDBSnapshotCommand({ DBInstanceIdentifier: INSTANCE, DBSnapshotIdentifier: "newer" }),
    );

    const { exitCode, stdout } = await ops(["drill", "--json"]);

    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      snapshot: "newer",
      throwAway: "removed",
      compared: expect.arrayContaining([
        { what: "tables", original: "1", restored: "1", same: true },
        { what: "database", original: "timeseries", restored: "timeseries", same: true },
      ]),
    });
    const request = proxy.forms.find((form) => form.get("Action") === "RestoreDBInstanceFromDBSnapshot");
    expect(Object.fromEntries(request ?? [])).toMatchObject({
      DBInstanceIdentifier: `${INSTANCE}-drill`,
      DBSubnetGroupName: "a-subnet-group",
      PubliclyAccessible: "false",
      MultiAZ: "false",
      DeletionProtection: "false",
    });
    expect(await instances()).toEqual([INSTANCE]);
    expect(await stillRunning()).toHaveLength(1); // That of the test before.
  });

  it("touches nothing that another drill has left until it is told to", async () => {
    await rds.send(
      new CreateDBInstanceCommand({
        ...instance,
        DBInstanceIdentifier: `${INSTANCE}-drill`,
        Tags: [{ Key: "Purpose", Value: "restore-drill" }],
      }),
    );

    const refused = await ops(["drill"]);
    const removing = await ops(["drill", "--remove"]);

    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain("npm run ops -- db drill --remove");
    expect(removing.stdout).toContain(`${INSTANCE}-drill is removed.`);
    expect(await instances()).toEqual([INSTANCE]);
  });

  it("never removes an instance that no drill has made", async () => {
    await rds.send(new CreateDBInstanceCommand({ ...instance, DBInstanceIdentifier: `${INSTANCE}-drill` }));

    const { exitCode, stderr } = await ops(["drill", "--remove"]);

    expect(exitCode).toBe(2);
    expect(stderr).toContain("was not made by a drill");
    expect(await instances()).toHaveLength(2);
  });
});

const instance = {
  Engine: "postgres",
  EngineVersion: "15.14",
  DBInstanceClass: "db.t3.micro",
  AllocatedStorage: 20,
  DBName: "timeseries",
  MasterUsername: "tsuser",
  MasterUserPassword: PASSWORD,
  Port: 5433,
  DBSubnetGroupName: "a-subnet-group",
};

/** What the stack has of what the command asks for. Returns its outputs. */
async function deploy(): Promise<Record<string, string>> {
  const ec2 = client(EC2Client);
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({}));
  const subnets = Subnets.flatMap(({ SubnetId }) => SubnetId ?? []);
  await rds.send(
    new CreateDBSubnetGroupCommand({
      DBSubnetGroupName: "a-subnet-group",
      DBSubnetGroupDescription: "-",
      SubnetIds: subnets,
    }),
  );
  const { DBInstance } = await rds.send(
    new CreateDBInstanceCommand({ ...instance, DBInstanceIdentifier: INSTANCE }),
  );
  const { ARN = "" } = await client(SecretsManagerClient).send(
    new CreateSecretCommand({
      Name: "time-series-analyzer-db-credentials",
      SecretString: JSON.stringify({ username: "tsuser", password: PASSWORD }),
    }),
  );
  await ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: FAMILY,
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      cpu: "1024",
      memory: "2048",
      taskRoleArn: "arn:aws:iam::123456789012:role/task",
      executionRoleArn: "arn:aws:iam::123456789012:role/execution",
      containerDefinitions: [
        {
          name: "backend",
          image: "an-image:1",
          secrets: [{ name: "DATABASE_URL", valueFrom: ARN }],
        },
      ],
    }),
  );
  await ecs.send(
    new CreateServiceCommand({
      cluster: CLUSTER,
      serviceName: SERVICE,
      taskDefinition: FAMILY,
      desiredCount: 0,
      launchType: "FARGATE",
      networkConfiguration: {
        awsvpcConfiguration: { subnets, securityGroups: [SecurityGroups[0]?.GroupId ?? ""] },
      },
    }),
  );
  return {
    aws_region: REGION,
    ecs_cluster_name: CLUSTER,
    ecs_service_name: SERVICE,
    database_endpoint: `${DBInstance?.Endpoint?.Address ?? `${INSTANCE}.abc.us-west-2.rds.amazonaws.com`}:5433`,
    database_credentials_secret_arn: ARN,
  };
}

/** A stack directory whose state has outputs and nothing else. */
async function writeStack(outputs: Record<string, string>): Promise<void> {
  const stack = path.join(directory, "stack");
  await mkdir(path.join(stack, ".terraform"), { recursive: true });
  await writeFile(path.join(stack, "cdk.tf.json"), "{}");
  await writeFile(
    path.join(stack, "terraform.tfstate"),
    JSON.stringify({
      version: 4,
      serial: 1,
      lineage: "a-lineage",
      outputs: Object.fromEntries(
        Object.entries(outputs).map(([name, value]) => [name, { value, type: "string" }]),
      ),
      resources: [],
    }),
  );
}

async function writeFakes(): Promise<void> {
  await mkdir(path.join(directory, "bin"));
  for (const [name, body] of Object.entries(FAKES)) {
    const file = path.join(directory, "bin", name);
    const record = `record() { printf '%s\\n' "$@" > "${directory}/record/${name}.argv"; env > "${directory}/record/${name}.env"; }`;
    await writeFile(file, `#!/bin/sh\n${record}\n${body.replaceAll(/^ *record$/gm, 'record "$@"')}\n`);
    await chmod(file, 0o755);
  }
}

function start(args: readonly string[], env: Record<string, string> = {}) {
  const clean = cleanEnvironment();
  return execa(
    process.execPath,
    ["runner/run.mjs", "ops/cli.ts", "--directory", path.join(directory, "stack"), "db", ...args],
    {
      cwd: projectRoot,
      env: {
        ...clean,
        ...emulatorCredentials(proxy.endpoint, REGION),
        PATH: `${path.join(directory, "bin")}:${clean.PATH}`,
        INIT_CWD: directory,
        // Somebody's own settings, which must not lead elsewhere.
        PGSERVICE: "elsewhere",
        ...env,
      },
      extendEnv: false,
      reject: false,
      stdin: "ignore",
    },
  );
}

async function ops(args: readonly string[], env?: Record<string, string>) {
  const { exitCode, stdout, stderr } = await start(args, env);
  return { exitCode, stdout, stderr };
}

async function recorded(tool: string): Promise<{ argv: string[]; env: Record<string, string | undefined> }> {
  const read = async (kind: string) =>
    (await readFile(path.join(directory, "record", `${tool}.${kind}`), "utf8")).trimEnd().split("\n");
  return {
    argv: await read("argv"),
    env: Object.fromEntries((await read("env")).map((entry) => entry.split(/=(.*)/s).slice(0, 2))),
  };
}

async function tunnelTasks(): Promise<Task[]> {
  const lists = await Promise.all(
    (["RUNNING", "STOPPED"] as const).map((desiredStatus) =>
      ecs.send(new ListTasksCommand({ cluster: CLUSTER, desiredStatus })),
    ),
  );
  const arns = lists.flatMap(({ taskArns = [] }) => taskArns);
  if (arns.length === 0) return [];
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster: CLUSTER, tasks: arns }));
  return tasks;
}

async function stillRunning(): Promise<Task[]> {
  return (await tunnelTasks()).filter(({ desiredStatus }) => desiredStatus === "RUNNING");
}

/** It runs the service's image and roles, ends by itself, and knows none of the application's secrets. */
async function expectOwnDefinition(task: Task | undefined): Promise<void> {
  const { taskDefinition } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: task?.taskDefinitionArn }),
  );
  expect(taskDefinition).toMatchObject({
    family: `${FAMILY}-tunnel`,
    status: "INACTIVE",
    cpu: "256",
    taskRoleArn: "arn:aws:iam::123456789012:role/task",
    containerDefinitions: [{ image: "an-image:1", entryPoint: ["sleep"], command: ["43200"] }],
  });
  expect(taskDefinition?.containerDefinitions?.[0]?.secrets ?? []).toEqual([]);
  const { taskDefinitionArns = [] } = await ecs.send(
    new ListTaskDefinitionsCommand({ familyPrefix: FAMILY }),
  );
  expect(taskDefinitionArns).toHaveLength(1); // The service's, untouched.
}

async function instances(): Promise<(string | undefined)[]> {
  const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand({}));
  return DBInstances.map(({ DBInstanceIdentifier }) => DBInstanceIdentifier);
}

function client<Client>(
  Client: new (config: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  }) => Client,
): Client {
  return new Client({
    endpoint: emulator.endpoint,
    region: REGION,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
}

/** Stands before the emulator: adds what it lacks, and refuses what a test wants to fail. */
async function startProxy(endpoint: string) {
  const failing = new Set<string>();
  const forms: URLSearchParams[] = [];
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const action = String(request.headers["x-amz-target"] ?? "").split(".")[1] ?? "";
    if (request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) {
      forms.push(new URLSearchParams(body.toString()));
    }
    const json = { "content-type": "application/x-amz-json-1.1" };
    if (failing.has(action)) {
      response.writeHead(400, json).end(JSON.stringify({ __type: "AccessDeniedException", message: "no" }));
      return;
    }
    if (action === "StartSession") {
      response
        .writeHead(200, json)
        .end(JSON.stringify({ SessionId: "a-session", TokenValue: TOKEN, StreamUrl: "wss://a-stream" }));
      return;
    }
    const headers = Object.entries(request.headers).filter(
      ([name]) => !["host", "connection", "content-length"].includes(name),
    );
    const answer = await fetch(`${endpoint}${request.url}`, {
      method: request.method ?? "GET",
      headers: Object.fromEntries(headers) as Record<string, string>,
      ...(body.length > 0 && {
        body: action === "RegisterTaskDefinition" ? withMemory(body.toString()) : new Uint8Array(body),
      }),
    });
    let text = await answer.text();
    if (action === "DescribeTasks") text = withAgents(text);
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" }).end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    failing,
    forms,
    close: () => server.close(),
  };
}

/** On Fargate a container needs no memory of its own. The emulator runs no task without it. */
function withMemory(text: string): string {
  const request = JSON.parse(text) as { containerDefinitions: object[] };
  const containerDefinitions = request.containerDefinitions.map((each) => ({ ...each, memory: 512 }));
  return JSON.stringify({ ...request, containerDefinitions });
}

function withAgents(text: string): string {
  const answer = JSON.parse(text) as { tasks: { containers: Record<string, unknown>[] }[] };
  for (const container of answer.tasks.flatMap(({ containers }) => containers)) {
    container.runtimeId = "a-runtime-id";
    container.managedAgents = [{ name: "ExecuteCommandAgent", lastStatus: "RUNNING" }];
  }
  return JSON.stringify(answer);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
