import type { Construct } from "constructs";
import { dbMaxConnections } from "../lib/db-memory";
import { FARGATE_SIZES } from "../lib/fargate-size";
import { ORIGIN, ORIGIN_WITH_USUAL_PORT } from "../lib/origin";
import { ENVIRONMENTS, PROFILES } from "../profiles";
import { optionalVariable, secretVariable, variable } from "./define";
import { distinct, every, literal, matches, matching, noPlaceholder, oneOf, wholeNumber } from "./rules";

const CPU_UNITS = Object.keys(FARGATE_SIZES).map(Number);

/** Tasks that ECS allows for each service. */
const MAX_TASKS = 5000;

const MAX_EGRESS_PORTS = "min(8, 20 - 3 * length(var.private_subnet_cidrs))";

/** Most tasks that autoscaling may run. */
const TASKS = `max(coalesce(var.backend_max_count, lookup(${literal(
  Object.fromEntries(ENVIRONMENTS.map((name) => [name, PROFILES[name].backend_max_count])),
)}, var.environment, 1)), var.backend_desired_count)`;

/** Most database connections that they may open. */
const CONNECTIONS = `${TASKS} * (var.database_pool_size + var.database_max_overflow)`;

/** The backend: size and number of its tasks, its image, and what the application is told. */
export function backendVariables(scope: Construct) {
  const apiKey = secretVariable(scope, "api_key", {
    description: "Key that clients of the API must send. Required.",
    versionDescription:
      "Raise it by one to write a changed api_key to Secrets Manager and roll the tasks onto it.",
    rules: [
      {
        holds: 'var.api_key != ""',
        must: "not be empty",
        remedy: "Set it in terraform.tfvars or TF_VAR_api_key.",
      },
      {
        // Clients send it in a header, which HTTP trims.
        holds: matches("var.api_key", "[!-~]([ -~]*[!-~])?"),
        must: "hold printable ASCII characters only, with no space at either end",
      },
      {
        // The longest header that a load balancer lets pass.
        // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
        holds: "length(var.api_key) <= 16000",
        must: "have at most 16000 characters",
      },
      noPlaceholder("api_key"),
    ],
  });

  return {
    apiKey: apiKey.secret,
    apiKeyVersion: apiKey.version.numberValue,

    cpu: variable(scope, "backend_cpu", "number", {
      description: "CPU units of a task (1024 are one vCPU): 256, 512, 1024, 2048, 4096, 8192 or 16384.",
      default: 256,
      rules: [oneOf("backend_cpu", CPU_UNITS)],
    }).numberValue,

    memory: variable(scope, "backend_memory", "number", {
      description: "Memory of a task in MiB. Fargate offers certain amounts for each backend_cpu.",
      default: 512,
      rules: [
        {
          holds: `contains(lookup(${literal(FARGATE_SIZES)}, tostring(var.backend_cpu), []), var.backend_memory)`,
          must: `be one of \${join(", ", lookup(${literal(FARGATE_SIZES)}, tostring(var.backend_cpu), []))} MiB when backend_cpu is \${var.backend_cpu}`,
          remedy: "Change one of the two.",
        },
      ],
    }).numberValue,

    cpuArchitecture: variable(scope, "backend_cpu_architecture", "string", {
      description: "Architecture that the image was built for: X86_64 or ARM64 (Graviton).",
      default: "X86_64",
      rules: [oneOf("backend_cpu_architecture", ["X86_64", "ARM64"])],
    }).stringValue,

    port: variable(scope, "backend_port", "number", {
      description: "TCP port that the container listens on.",
      default: 8000,
      rules: [wholeNumber("backend_port", 1, 65535)],
    }).numberValue,

    egressPorts: variable(scope, "backend_egress_ports", "list(number)", {
      description: "TCP ports on the internet that the tasks may connect to. AWS's own services need 443.",
      default: [443],
      rules: [
        {
          holds: every(
            "port",
            "var.backend_egress_ports",
            "try(port == floor(port) && port >= 1 && port <= 65535, false)",
          ),
          must: "hold whole numbers from 1 to 65535 only",
        },
        {
          holds: "contains(var.backend_egress_ports, 443)",
          must: "hold 443, which AWS's own services need",
        },
        distinct("backend_egress_ports", "port"),
        {
          // A network ACL takes 20 rules in each direction. The private one needs three for each zone.
          holds: `length(var.backend_egress_ports) <= ${MAX_EGRESS_PORTS}`,
          must: `hold at most \${${MAX_EGRESS_PORTS}} ports with \${length(var.private_subnet_cidrs)} private subnets, because a network ACL takes 20 rules`,
        },
      ],
    }),

    desiredCount: variable(scope, "backend_desired_count", "number", {
      description: "Number of tasks to start with, and the fewest that autoscaling keeps.",
      default: 1,
      rules: [wholeNumber("backend_desired_count", 0, MAX_TASKS)],
    }),

    maxCount: optionalVariable(scope, "backend_max_count", "number", {
      description:
        "Most tasks that autoscaling may run. Default: 2 in dev, 4 in staging and prod, and never less than backend_desired_count.",
      rules: [
        wholeNumber("backend_max_count", 1, MAX_TASKS),
        {
          holds: "var.backend_max_count >= var.backend_desired_count",
          must: "be at least backend_desired_count (${var.backend_desired_count})",
          remedy: "Raise backend_max_count or leave it out.",
        },
      ],
    }),

    imageTag: variable(scope, "backend_image_tag", "string", {
      description: "Tag of the image to run, in the backend's ECR repository.",
      default: "latest",
      rules: [
        matching(
          "backend_image_tag",
          "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}",
          "be an image tag: 1 to 128 letters, digits, dots, hyphens and underscores that do not start with a dot or hyphen",
        ),
      ],
    }).stringValue,

    useFargateSpot: variable(scope, "use_fargate_spot", "bool", {
      description:
        "Run the first task on Fargate and the others on Fargate Spot. Changing it later replaces the service: a few minutes without tasks.",
      default: false,
    }).booleanValue,

    enableExecuteCommand: variable(scope, "enable_execute_command", "bool", {
      description: "Allow a shell in a running task through ECS Exec.",
      default: false,
    }).booleanValue,

    healthCheckGracePeriod: variable(scope, "health_check_grace_period", "number", {
      description: "Seconds that a new task may take to start before failed health checks stop it.",
      default: 60,
      rules: [wholeNumber("health_check_grace_period", 0, 2_147_483_647, "seconds")],
    }).numberValue,

    corsOrigins: variable(scope, "cors_origins", "list(string)", {
      description:
        "Origins that browsers may call the API from. Handed on as CORS_ORIGINS, separated by commas.",
      default: ["*"],
      rules: [
        {
          holds: "length(var.cors_origins) > 0",
          must: 'hold "*" or at least one origin',
        },
        {
          holds: every("origin", "var.cors_origins", matches("origin", `\\*|${ORIGIN}`)),
          must: 'hold "*" or origins as a browser sends them, <scheme>://<host> in lower case and without a path, for example https://app.example.com',
        },
        {
          holds: every("origin", "var.cors_origins", `!${matches("origin", ORIGIN_WITH_USUAL_PORT)}`),
          must: "hold origins without the usual port, because browsers leave out :443 of https and :80 of http",
        },
        {
          holds: 'contains(var.cors_origins, "*") ? length(var.cors_origins) == 1 : true',
          must: 'hold "*" alone or no "*"',
        },
        distinct("cors_origins", "origin"),
      ],
    }).listValue,

    databasePoolSize: variable(scope, "database_pool_size", "number", {
      description: "Database connections that each task keeps open.",
      default: 5,
      rules: [
        wholeNumber("database_pool_size", 1, 1000),
        {
          holds: `${CONNECTIONS} <= ${dbMaxConnections("var.db_instance_class")}`,
          must: `leave every task its connections: backend_max_count or backend_desired_count (\${${TASKS}}) × (database_pool_size \${var.database_pool_size} + database_max_overflow \${var.database_max_overflow}) = \${${CONNECTIONS}}, but \${var.db_instance_class} allows \${${dbMaxConnections("var.db_instance_class")}}`,
          remedy: "Lower one of these, or choose a larger db_instance_class.",
        },
      ],
    }).numberValue,

    databaseMaxOverflow: variable(scope, "database_max_overflow", "number", {
      description: "Connections that each task may open beyond its pool.",
      default: 10,
      rules: [wholeNumber("database_max_overflow", 0, 1000)],
    }).numberValue,

    databasePoolRecycle: variable(scope, "database_pool_recycle", "number", {
      description: "Seconds after which a pooled connection is opened anew; -1 for never.",
      default: 3600,
      rules: [wholeNumber("database_pool_recycle", -1, 31_536_000, "seconds")],
    }).numberValue,
  };
}
