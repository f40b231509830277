import { describe, expect, it } from "vitest";
import known from "./fixtures/addresses.json";
import { addressesOf, drift, type Addresses } from "./helpers/addresses";
import { wholeStack } from "./helpers/synth";

const now = addressesOf(wholeStack().json);

describe("the addresses of every resource", () => {
  it("are those that deployments have in their state, and the names are those that AWS knows", () => {
    expect(drift(known, now)).toEqual([]);
  });

  it("are listed in order, so that a change is easy to read", () => {
    expect(Object.keys(known)).toEqual(Object.keys(now));
  });
});

describe("a change of an address", () => {
  const database = "aws_db_instance.postgres";
  const repository = "aws_ecr_repository.backend_repo";
  const subnets = "aws_subnet.private_subnets[*]";

  it("says what a deployment loses, and where the way to do it is described", () => {
    const [gone, isNew, ...others] = drift(known, rename(database, "aws_db_instance.database"));

    expect(others).toEqual([]);
    expect(gone).toContain(`${database} is gone. The next apply destroys it in every deployment.`);
    expect(gone).toContain("Lost: the database with all its data and its automated backups; in dev");
    expect(gone).toContain('CONTRIBUTING.md says how: "Change an address on purpose"');
    expect(isNew).toContain("aws_db_instance.database is new.");
  });

  it("by count says what Terraform moves by itself and what it destroys", () => {
    const [gone] = drift(known, rename(subnets, "aws_subnet.private_subnets"));

    expect(gone).toContain("moves a single resource to [0] and back by itself, and destroys the others");
  });

  it("is no way round another identifier of the database, which is its endpoint", () => {
    const changed = { ...now, [database]: { ...now[database], identifier: "another" } };

    expect(drift(known, changed)).toEqual([
      expect.stringContaining("renames the database, and its endpoint changes for everybody who knows it"),
    ]);
  });

  it.each([
    [database, "db_name"],
    [repository, "name"],
    ["aws_security_group.db_sg", "description"],
    ["aws_ecs_task_definition.backend_task", "family"],
    ["aws_lb.app_lb", "name"],
    ["aws_secretsmanager_secret.api_key", "name"],
  ])("is no way round a changed name: %s, %s", (address, name) => {
    const changed = { ...now, [address]: { ...now[address], [name]: "another" } };

    expect(drift(known, changed)).toEqual([
      expect.stringMatching(
        `has another ${name}: "another" instead of .* creates another\\. Lost: .*CONTRIBUTING`,
      ),
    ]);
  });
});

/** The stack as it is now, with one address changed. */
function rename(from: string, to: string): Addresses {
  const { [from]: names = {}, ...others } = now;
  return { ...others, [to]: names };
}
