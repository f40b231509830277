import type { Construct } from "constructs";
import { FARGATE_SIZES } from "../lib/fargate-size";
import { optionalVariable, secretVariable, variable } from "./define";
import { matching, oneOf, optionalWholeNumber, wholeNumber } from "./rules";

const CPU_UNITS = Object.keys(FARGATE_SIZES).map(Number);

/** The backend: size and number of its tasks, its image, and what the application is told. */
export function backendVariables(scope: Construct) {
  return {
    apiKey: secretVariable(scope, "api_key", {
      description: "Key that clients of the API must send. Required.",
      rules: [
        {
          condition: '${trimspace(var.api_key) != ""}',
          errorMessage: "api_key must not be empty. Set it in terraform.tfvars or TF_VAR_api_key.",
        },
      ],
    }),

    apiKeyVersion: variable(scope, "api_key_version", "number", {
      description:
        "Raise it by one to write a changed api_key to Secrets Manager and roll the tasks onto it.",
      default: 1,
      rules: [wholeNumber("api_key_version", 1, 1_000_000)],
    }).numberValue,

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
          condition: `\${contains(lookup(${fargateSizes()}, tostring(var.backend_cpu), [var.backend_memory]), var.backend_memory)}`,
          errorMessage: `backend_memory must be one of \${join(", ", lookup(${fargateSizes()}, tostring(var.backend_cpu), []))} MiB when backend_cpu is \${var.backend_cpu}, got \${var.backend_memory}.`,
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
          condition:
            "${contains(var.backend_egress_ports, 443) && length(var.backend_egress_ports) <= 8 && alltrue([for port in var.backend_egress_ports : port == floor(port) && port >= 1 && port <= 65535])}",
          errorMessage:
            "backend_egress_ports must hold 443 and at most 7 other ports from 1 to 65535, got ${jsonencode(var.backend_egress_ports)}.",
        },
        {
          // A network ACL takes 20 rules in each direction. The private one needs three for each zone.
          condition: "${3 * length(var.private_subnet_cidrs) + length(var.backend_egress_ports) <= 20}",
          errorMessage:
            "backend_egress_ports must hold at most ${max(20 - 3 * length(var.private_subnet_cidrs), 1)} ports with ${length(var.private_subnet_cidrs)} private subnets, because a network ACL takes 20 rules, got ${jsonencode(var.backend_egress_ports)}.",
        },
      ],
    }),

    desiredCount: variable(scope, "backend_desired_count", "number", {
      description: "Number of tasks to start with, and the fewest that autoscaling keeps.",
      default: 1,
      rules: [wholeNumber("backend_desired_count", 0, 100)],
    }),

    maxCount: optionalVariable(scope, "backend_max_count", "number", {
      description:
        "Most tasks that autoscaling may run. Default: 2 in dev, 4 in staging and prod, and never less than backend_desired_count.",
      rules: [
        optionalWholeNumber("backend_max_count", 1, 100),
        {
          condition:
            "${var.backend_max_count == null ? true : var.backend_max_count >= var.backend_desired_count}",
          errorMessage:
            "backend_max_count must be at least backend_desired_count (${var.backend_desired_count}), got ${jsonencode(var.backend_max_count)}. Raise backend_max_count or leave it out.",
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
          "an image tag: up to 128 letters, digits, dots, hyphens and underscores",
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
      rules: [wholeNumber("health_check_grace_period", 0, 3600, "seconds")],
    }).numberValue,

    corsOrigins: variable(scope, "cors_origins", "list(string)", {
      description:
        "Origins that browsers may call the API from. Handed on as CORS_ORIGINS, separated by commas.",
      default: ["*"],
    }).listValue,

    databasePoolSize: variable(scope, "database_pool_size", "number", {
      description: "Database connections that each task keeps open.",
      default: 5,
      rules: [wholeNumber("database_pool_size", 1, 1000)],
    }).numberValue,

    databaseMaxOverflow: variable(scope, "database_max_overflow", "number", {
      description: "Connections that each task may open beyond its pool.",
      default: 10,
      rules: [wholeNumber("database_max_overflow", 0, 1000)],
    }).numberValue,

    databasePoolRecycle: variable(scope, "database_pool_recycle", "number", {
      description: "Seconds after which a pooled connection is opened anew; -1 for never.",
      default: 3600,
      rules: [wholeNumber("database_pool_recycle", -1, 86400, "seconds")],
    }).numberValue,
  };
}

/** The table of Fargate sizes as a Terraform map. */
function fargateSizes(): string {
  return JSON.stringify(FARGATE_SIZES).replaceAll(":", "=");
}
