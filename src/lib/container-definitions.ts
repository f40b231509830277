import { Fn } from "cdktf";

/** A secret handed to a container as an environment variable. */
export interface ContainerSecret {
  /** Name of the environment variable. */
  readonly name: string;
  /** ARN of the Secrets Manager secret. */
  readonly valueFrom: string;
}

export interface ContainerOptions {
  readonly name: string;
  readonly image: string;
  /** TCP port that the container listens on. */
  readonly port: number;
  readonly environment: Readonly<Record<string, string | number>>;
  readonly secrets: readonly ContainerSecret[];
  readonly labels: Readonly<Record<string, string>>;
  readonly logGroupName: string;
  readonly logRegion: string;
}

/**
 * The `container_definitions` of a task with one container.
 *
 * Entries are sorted by name, so that their order in the source never makes a new task revision.
 * Terraform's `jsonencode` does the encoding: `JSON.stringify` would write a boolean Terraform value
 * as the text "<unresolved-token>".
 */
export function containerDefinitions(options: ContainerOptions): string {
  return Fn.jsonencode([
    {
      name: options.name,
      image: options.image,
      essential: true,
      portMappings: [{ containerPort: options.port, hostPort: options.port, protocol: "tcp" }],
      environment: Object.entries(options.environment)
        // ECS takes text only, and a number variable would be encoded as a number.
        .map(([name, value]) => ({ name, value: Fn.tostring(value) }))
        .sort(byName),
      secrets: [...options.secrets].sort(byName),
      dockerLabels: options.labels,
      // Reaps zombies, and ECS Exec needs it to end its sessions.
      linuxParameters: { initProcessEnabled: true },
      logConfiguration: {
        logDriver: "awslogs",
        options: {
          "awslogs-group": options.logGroupName,
          "awslogs-region": options.logRegion,
          "awslogs-stream-prefix": "ecs",
          // A slow or absent CloudWatch must not stop the application from answering.
          mode: "non-blocking",
          "max-buffer-size": "25m",
        },
      },
    },
  ]);
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}
