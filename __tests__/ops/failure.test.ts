import { describe, expect, it } from "vitest";
import { type Evidence, explainFailure } from "../../ops/failure";
import { REPOSITORY, stopped, taskDefinition } from "./fake-backend";

const definition = taskDefinition();
const backend = { taskDefinition: definition, container: definition.containerDefinitions?.[0] ?? {} };
const SECRET = "arn:aws:secretsmanager:us-west-2:123456789012:secret:app-api-key-AbC123";

/** What AWS says, as its documentation and users' reports have it, and what has to be told. */
const CASES: readonly [what: string, evidence: Partial<Evidence>, reason: RegExp, remedy: RegExp][] = [
  [
    "an image that was never pushed",
    {
      tasks: [
        stopped({
          stopCode: "TaskFailedToStart",
          stoppedReason: `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${REPOSITORY}:latest: ${REPOSITORY}:latest: not found`,
        }),
      ],
    },
    /^The image 1234.*app-backend:latest is not in the repository\.$/,
    /^Push it: npm run ops -- images push --backend <directory>$/,
  ],
  [
    "an image that expired",
    {
      tasks: [
        stopped({
          stoppedReason:
            "CannotPullImageManifestError: Error response from daemon: manifest unknown: manifest unknown",
        }),
      ],
    },
    /is not in the repository/,
    /images push/,
  ],
  [
    "an image for another platform",
    {
      events: [
        "(service app) was unable to place a task. Reason: CannotPullContainerError: pull image manifest has been retried 7 time(s): image Manifest does not contain descriptor matching platform 'linux/amd64'.",
      ],
    },
    /another CPU architecture than the tasks have \(X86_64\)/,
    /--platform linux\/amd64 .*backend_cpu_architecture = "ARM64"/,
  ],
  [
    "a binary for another platform",
    {
      tasks: [
        stopped({
          stopCode: "EssentialContainerExited",
          stoppedReason: "Essential container in task exited",
          containers: [{ exitCode: 1 }],
        }),
      ],
      logLines: ["exec /usr/local/bin/uvicorn: exec format error"],
    },
    /another CPU architecture/,
    /--platform linux\/amd64/,
  ],
  [
    "a repository that may not be read",
    {
      tasks: [
        stopped({
          stoppedReason: `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${REPOSITORY}:latest: unexpected status from HEAD request to https://x/v2/: 403 Forbidden`,
        }),
      ],
    },
    /may not pull the image/,
    /npx cdktf deploy/,
  ],
  [
    "a repository that cannot be reached",
    {
      tasks: [
        stopped({
          stoppedReason:
            'CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref x:latest: failed to do request: Head "https://x/v2/": dial tcp 3.210.148.47:443: i/o timeout',
        }),
      ],
    },
    /cannot reach the image repository/,
    /NAT gateways/,
  ],
  [
    "a secret that may not be read",
    {
      tasks: [
        stopped({
          stoppedReason: `ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret ${SECRET} from secrets manager: AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/app/1 is not authorized to perform: secretsmanager:GetSecretValue on resource: ${SECRET}`,
        }),
      ],
    },
    /may not read the secret app-api-key: their execution role/,
    /npx cdktf deploy/,
  ],
  [
    "a secret that was deleted",
    {
      tasks: [
        stopped({
          stoppedReason: `ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret ${SECRET} from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging label: AWSCURRENT`,
        }),
      ],
    },
    /The secret app-api-key was deleted, or has no value/,
    /restore-secret/,
  ],
  [
    "Secrets Manager out of reach",
    {
      tasks: [
        stopped({
          stoppedReason: `ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 5 time(s): failed to fetch secret ${SECRET} from secrets manager: RequestCanceled: request context canceled caused by: context deadline exceeded. Please check your task network configuration.`,
        }),
      ],
    },
    /cannot reach Secrets Manager/,
    /NAT gateways/,
  ],
  [
    "a log group that is gone",
    {
      tasks: [
        stopped({
          stoppedReason:
            "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.",
        }),
      ],
    },
    /cannot write their log/,
    /npx cdktf deploy/,
  ],
  [
    "too little memory",
    {
      tasks: [
        stopped({
          stopCode: "EssentialContainerExited",
          stoppedReason: "OutOfMemoryError: Container killed due to memory usage",
          containers: [{ exitCode: 137, reason: "OutOfMemoryError: Container killed due to memory usage" }],
        }),
      ],
    },
    /needed more memory than a task has \(512 MiB\)/,
    /backend_memory/,
  ],
  [
    "a health check that asks for the API key",
    {
      tasks: [stopped({ stoppedReason: "Task failed ELB health checks in (target-group arn:aws:x)" })],
      events: [
        "(service app) (port 8000) is unhealthy in (target-group arn:aws:x) due to (reason Health checks failed with these codes: [401]).",
      ],
    },
    /answered with 401: the application asks for its API key/,
    /health_check_matcher = "200,401"/,
  ],
  [
    "a health check that is not there",
    { targets: ["Health checks failed with these codes: [404]"] },
    /answered with 404/,
    /health_check_path/,
  ],
  [
    "a health check that fails",
    { targets: ["Health checks failed with these codes: [503]"] },
    /answered with 503: the application starts/,
    /ops -- logs/,
  ],
  [
    "a health check that redirects",
    { targets: ["Health checks failed with these codes: [307]"] },
    /answered with 307, which does not count/,
    /health_check_path/,
  ],
  [
    "another port",
    {
      tasks: [stopped({ stoppedReason: "Task failed ELB health checks in (target-group arn:aws:x)" })],
      events: [
        "(service app) (port 8000) is unhealthy in (target-group arn:aws:x) due to (reason Request timed out).",
      ],
    },
    /Nothing answers the health check on port 8000/,
    /0\.0\.0\.0.*backend_port/,
  ],
  [
    "a command that is not in the image",
    {
      tasks: [
        stopped({
          stoppedReason:
            'CannotStartContainerError: failed to create containerd task: exec: "uvicorn": executable file not found in $PATH: unknown',
        }),
      ],
    },
    /command does not exist in the image/,
    /Dockerfile/,
  ],
  [
    "an application that crashes",
    {
      tasks: [
        stopped({
          stopCode: "EssentialContainerExited",
          stoppedReason: "Essential container in task exited",
          containers: [{ exitCode: 3 }],
        }),
      ],
    },
    /ended by itself with exit code 3/,
    /ops -- logs/,
  ],
  [
    "an application that ends",
    { tasks: [stopped({ stopCode: "EssentialContainerExited", containers: [{ exitCode: 0 }] })] },
    /ended by itself, without an error/,
    /CMD/,
  ],
  [
    "no more vCPUs",
    {
      events: [
        "(service app) was unable to place a task. Reason: You've reached the limit on the number of vCPUs you can run concurrently.",
      ],
    },
    /quota of Fargate vCPUs/,
    /Service Quotas/,
  ],
  [
    "no capacity",
    {
      events: [
        "(service app) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.",
      ],
    },
    /no Fargate capacity/,
    /use_fargate_spot/,
  ],
  [
    "a Spot interruption",
    { tasks: [stopped({ stopCode: "SpotInterruption", stoppedReason: "Your Spot Task was interrupted." })] },
    /took Fargate Spot capacity back/,
    /use_fargate_spot = false/,
  ],
];

describe("explainFailure", () => {
  it.each(CASES)("explains %s", (_, evidence, reason, remedy) => {
    const failure = explain(evidence);

    expect(failure.reason).toMatch(reason);
    expect(failure.remedy).toMatch(remedy);
  });

  it("names the platform to build for where the tasks are ARM64", () => {
    const arm = {
      ...backend,
      taskDefinition: taskDefinition({ runtimePlatform: { cpuArchitecture: "ARM64" } }),
    };

    expect(explain({ logLines: ["exec /app: exec format error"] }, arm).remedy).toMatch(
      /--platform linux\/arm64 .*backend_cpu_architecture = "X86_64"/,
    );
  });

  it("prefers the cause to what follows from it, in whatever order AWS tells them", () => {
    const failure = explain({
      tasks: [
        stopped({ stoppedReason: "Task failed ELB health checks in (target-group arn:aws:x)" }),
        stopped({ stoppedReason: "OutOfMemoryError: Container killed due to memory usage" }),
      ],
      events: [
        "(service app) (port 8000) is unhealthy in (target-group arn) due to (reason Request timed out).",
      ],
    });

    expect(failure.reason).toMatch(/memory/);
  });

  it("tells AWS's own words where it knows no better", () => {
    expect(explain({ tasks: [stopped({ stoppedReason: "Something new" })] }).reason).toBe("Something new");
    expect(explain({}).reason).toBe("what ECS said");
  });

  it("takes no word of the application's log for one of AWS", () => {
    expect(explain({ logLines: ["retrying: Request timed out, OutOfMemoryError"] }).reason).toBe(
      "what ECS said",
    );
  });
});

function explain(evidence: Partial<Evidence>, from: Parameters<typeof explainFailure>[1] = backend) {
  return explainFailure(
    { tasks: [], events: [], targets: [], logLines: [], ...evidence },
    from,
    "what ECS said",
  );
}
