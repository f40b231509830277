import { Token } from "cdktf";
import { describe, expect, it } from "vitest";
import { type ContainerOptions, containerDefinitions } from "../../src/lib/container-definitions";
import { readHcl } from "../helpers/hcl";
import { type Block, ref, synth } from "../helpers/synth";

function container(options: Partial<ContainerOptions> = {}): Block {
  const text = containerDefinitions({
    name: "web",
    image: "example/web:1",
    port: 8080,
    environment: {},
    secrets: [],
    labels: {},
    logGroupName: "/ecs/web",
    logRegion: "eu-west-1",
    ...options,
  });
  const definitions = readHcl(synth((stack) => stack.addOverride("locals.text", text)).json.locals.text);
  expect(definitions).toHaveLength(1);
  return definitions[0];
}

describe("containerDefinitions", () => {
  it("is one container, without which the task stops", () => {
    expect(container()).toMatchObject({ name: "web", image: "example/web:1", essential: true });
  });

  it("maps the one port to itself, as tasks with an address of their own must", () => {
    expect(container().portMappings).toEqual([{ containerPort: 8080, hostPort: 8080, protocol: "tcp" }]);
  });

  it("keeps a port that is a variable a number", () => {
    const port = Token.asNumber(ref("var.port"));

    expect(container({ port }).portMappings).toMatchObject([
      { containerPort: "${var.port}", hostPort: "${var.port}" },
    ]);
  });

  it("sorts the environment by name, so that its order in the source makes no new revision", () => {
    const { environment } = container({ environment: { B: "2", C: "3", A: "1" } });

    expect(environment.map(({ name }: Block) => name)).toEqual(["A", "B", "C"]);
    expect(container({ environment: { A: "1", C: "3", B: "2" } }).environment).toEqual(environment);
  });

  it("turns every value of the environment into text, as ECS requires", () => {
    const environment = { NUMBER: 5, TEXT: "x", TOKEN: Token.asNumber(ref("var.size")) };

    expect(container({ environment }).environment).toEqual([
      { name: "NUMBER", value: "${tostring(5)}" },
      { name: "TEXT", value: '${tostring("x")}' },
      { name: "TOKEN", value: "${tostring(var.size)}" },
    ]);
  });

  it("sorts the secrets by name, and leaves the caller's list as it was", () => {
    const secrets = [
      { name: "B", valueFrom: "arn:b" },
      { name: "A", valueFrom: "arn:a" },
    ];

    expect(container({ secrets }).secrets).toEqual([...secrets].reverse());
    expect(secrets[0]?.name).toBe("B");
  });

  it("hands labels on", () => {
    expect(container({ labels: { "secret-versions": "1" } }).dockerLabels).toEqual({
      "secret-versions": "1",
    });
  });

  it("runs an init process, which ECS Exec needs", () => {
    expect(container().linuxParameters).toEqual({ initProcessEnabled: true });
  });

  it("logs to CloudWatch, and never waits for it", () => {
    expect(container().logConfiguration).toEqual({
      logDriver: "awslogs",
      options: {
        "awslogs-group": "/ecs/web",
        "awslogs-region": "eu-west-1",
        "awslogs-stream-prefix": "ecs",
        mode: "non-blocking",
        "max-buffer-size": "25m",
      },
    });
  });

  it("writes a Terraform value as a reference, never as cdktf's own text for it", () => {
    expect(container({ image: Token.asString(ref("var.image")) }).image).toBe("${var.image}");
  });
});
