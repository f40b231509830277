import { describe, expect, it } from "vitest";
import { ENVIRONMENTS, PROFILES, type ProfileSetting } from "../src/profiles";
import { type Block, wholeStack } from "./helpers/synth";

const { json } = wholeStack();
const variables: [string, Block][] = Object.entries(json.variable);

const SECRETS = ["api_key", "db_password"];
const SETTINGS = Object.keys(PROFILES.dev) as ProfileSetting[];

describe("every variable", () => {
  it.each(variables)("%s says its type and what it is for", (_name, { type, description }) => {
    expect(type).toMatch(/^(string|number|bool|list\((string|number)\)|map\(string\))$/);
    expect(description).toMatch(/^[A-Z].{10,}\.$/);
  });

  it.each(variables)("%s may be null only where null is its default", (_name, variable) => {
    expect(variable.nullable).toBe(variable.default === null);
  });

  it("may be left out, but for the secrets", () => {
    const required = variables.filter(([, variable]) => !("default" in variable)).map(([name]) => name);

    expect(required.sort()).toEqual(SECRETS);
  });

  it("may be null only where the profile, the region or the account decides", () => {
    const nullable = variables.filter(([, variable]) => variable.nullable).map(([name]) => name);

    expect(nullable.sort()).toEqual(["azs", "enable_frontend_hosting", ...SETTINGS].sort());
  });
});

describe("secrets", () => {
  it.each(SECRETS)("%s is shown nowhere and written to no plan and no state", (name) => {
    expect(json.variable[name]).toMatchObject({ sensitive: true, ephemeral: true, nullable: false });
    expect(json.variable[name]).not.toHaveProperty("default");
  });

  it("are these two", () => {
    const hidden = variables.filter(([, { sensitive, ephemeral }]) => sensitive || ephemeral);

    expect(hidden.map(([name]) => name).sort()).toEqual(SECRETS);
  });

  it.each([
    ["db_password", "db_password_version"],
    ["api_key", "api_key_version"],
  ])("%s has a version to raise", (_name, version) => {
    expect(json.variable[version]).toMatchObject({ type: "number", default: 1, nullable: false });
  });
});

describe("rules", () => {
  const rules = variables.flatMap(([name, { validation }]) =>
    (validation ?? []).map((rule: Block, index: number) => ({ name, index, ...rule })),
  );

  it.each(rules)("$name, rule $index: the message begins with the variable and is a sentence", (rule) => {
    const { name, error_message } = rule as Block;

    // The rules of a secret stand on its version: see secretVariable.
    expect(error_message).toMatch(new RegExp(`^(${name}|${name.replace(/_version$/, "")}) must `));
    expect(error_message).toMatch(/\.$/);
  });

  it.each(rules)("$name, rule $index: the condition looks at the variable", (rule) => {
    const { name, condition } = rule as Block;

    expect(condition).toMatch(new RegExp(`^\\$\\{.*\\bvar\\.${name}\\b.*\\}$`));
  });

  it.each(rules)("$name, rule $index: the message shows what was given, unless it is a secret", (rule) => {
    const { name, error_message } = rule as Block;

    expect(error_message).not.toMatch(/var\.(db_password|api_key)\b/);
    if (!SECRETS.some((secret) => error_message.startsWith(`${secret} `))) {
      expect(error_message).toContain(`var.${name}`);
    }
  });

  it.each(variables.filter(([, { nullable }]) => nullable))(
    "%s: null passes every rule",
    (name, variable) => {
      for (const { condition, error_message } of variable.validation as Block[]) {
        expect(condition.startsWith(`\${var.${name} == null ? true : `)).toBe(true);
        // Terraform evaluates the message even when the rule holds, and null is no text.
        expect(error_message).not.toContain(`\${var.${name}}`);
      }
    },
  );

  it("guard every variable whose type is too wide", () => {
    const anything = variables.filter(
      ([, { type, validation }]) => type !== "bool" && !(validation ?? []).length,
    );

    expect(anything.map(([name]) => name).sort()).toEqual(SECRETS);
  });

  it.each(SECRETS)(
    "%s has them on its version, because Terraform prints the line of a refused value",
    (name) => {
      const rules: Block[] = json.variable[`${name}_version`].validation;

      expect(json.variable[name].validation ?? []).toEqual([]);
      expect(
        rules.filter(({ error_message }) => error_message.startsWith(`${name} must `)).length,
      ).toBeGreaterThan(1);
    },
  );

  it.each<[string, number, number]>([
    ["alb_idle_timeout", 1, 4000],
    ["backend_desired_count", 0, 5000],
    ["backend_port", 1, 65535],
    ["database_pool_recycle", -1, 31536000],
    ["db_allocated_storage", 20, 65536],
    ["db_backup_retention_period", 0, 35],
    ["db_port", 1150, 65535],
    ["deregistration_delay", 0, 3600],
    ["health_check_grace_period", 0, 2147483647],
    ["health_check_interval", 5, 300],
    ["health_check_timeout", 2, 120],
    ["waf_rate_limit", 10, 2000000000],
  ])("%s goes from %i to %i, as AWS allows", (name, min, max) => {
    expect(json.variable[name].validation[0].condition).toContain(`var.${name} >= ${min} &&`);
    expect(json.variable[name].validation[0].condition).toMatch(new RegExp(`var\\.${name} <= ${max}\\}$`));
  });

  it("log_retention_in_days takes the periods that CloudWatch offers", () => {
    const offered = "1,3,5,7,14,30,60,90,120,150,180,365,400,545,731,1096,1827,2192,2557,2922,3288,3653";

    expect(json.variable.log_retention_in_days.validation[0].condition).toBe(
      `\${contains([${offered}], var.log_retention_in_days)}`,
    );
  });

  it("secret_recovery_window_in_days is 0 or 7 to 30", () => {
    expect(json.variable.secret_recovery_window_in_days.validation[0].condition).toContain(
      "contains(concat([0], range(7, 31)), var.secret_recovery_window_in_days)",
    );
  });
});

describe("profiles", () => {
  it("are dev, staging and prod, and environment takes no other", () => {
    expect(ENVIRONMENTS).toEqual(["dev", "staging", "prod"]);
    expect(json.variable.environment.validation[0].condition).toBe(
      '${contains(["dev","staging","prod"], var.environment)}',
    );
  });

  it.each(ENVIRONMENTS)("%s decides every setting", (environment) => {
    expect(Object.keys(PROFILES[environment]).sort()).toEqual([...SETTINGS].sort());
  });

  it("are in the JSON as they stand in the table, and environment chooses", () => {
    expect(json.locals).toMatchObject({ profiles: PROFILES, profile: "${local.profiles[var.environment]}" });
  });

  it.each(SETTINGS)("%s: the variable wins over the profile", (setting) => {
    const type = typeof PROFILES.dev[setting] === "boolean" ? "bool" : "number";

    expect(json.variable[setting]).toMatchObject({ type });
    expect(json.locals[setting]).toBe(`\${coalesce(var.${setting}, local.profile.${setting})}`);
  });

  it("let dev go without a trace, and keep the data of staging and prod", () => {
    const dev = { multiAz: false, protected: false, skipSnapshot: true, forceDelete: true, recovery: 0 };
    const kept = { multiAz: true, protected: true, skipSnapshot: false, forceDelete: false, recovery: 30 };
    const safety = Object.values(PROFILES).map((profile) => ({
      multiAz: profile.db_multi_az,
      protected: profile.db_deletion_protection,
      skipSnapshot: profile.db_skip_final_snapshot,
      forceDelete: profile.ecr_force_delete,
      recovery: profile.secret_recovery_window_in_days,
    }));

    expect(safety).toEqual([dev, kept, kept]);
  });

  it("protect the load balancer, put a firewall before it and write the logs of the network in staging and prod", () => {
    const on = {
      alb_deletion_protection: true,
      enable_alb_access_logs: true,
      enable_flow_logs: true,
      enable_waf: true,
    };

    expect(PROFILES.staging).toMatchObject(on);
    expect(PROFILES.prod).toMatchObject(on);
    expect(PROFILES.dev).toMatchObject({
      alb_deletion_protection: false,
      enable_alb_access_logs: false,
      enable_flow_logs: false,
      enable_waf: false,
    });
  });

  it("wait for the maintenance window in staging and prod", () => {
    expect(Object.values(PROFILES).map((profile) => profile.db_apply_immediately)).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("cost less in dev", () => {
    expect(Object.values(PROFILES).map((profile) => profile.backend_max_count)).toEqual([2, 4, 4]);
  });

  it("keep the documented days of backups and logs, whatever the environment", () => {
    expect(json.variable).toMatchObject({
      db_backup_retention_period: { default: 7, nullable: false },
      log_retention_in_days: { default: 7, nullable: false },
    });
  });

  const UNSAFE: Record<string, unknown> = {
    db_skip_final_snapshot: true,
    ecr_force_delete: true,
    frontend_force_destroy: true,
  };

  it.each(["staging", "prod"] as const)("%s is nowhere less safe than dev", (environment) => {
    const weaker = SETTINGS.filter((setting) => {
      const [dev, here] = [PROFILES.dev[setting], PROFILES[environment][setting]];
      if (setting === "db_apply_immediately") return false; // A matter of timing.
      return setting in UNSAFE ? Number(here) > Number(dev) : Number(here) < Number(dev);
    });

    expect(weaker).toEqual([]);
  });
});
