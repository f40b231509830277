import { type IResolvable, TerraformLocal, type TerraformVariable, Token } from "cdktf";
import { Construct } from "constructs";
import { expression } from "./lib/expression";

const PROTECTED = {
  alb_deletion_protection: true,
  backend_max_count: 4,
  db_apply_immediately: false,
  db_deletion_protection: true,
  db_multi_az: true,
  db_skip_final_snapshot: false,
  ecr_force_delete: false,
  enable_alb_access_logs: true,
  enable_flow_logs: true,
  enable_frontend_access_logs: true,
  frontend_force_destroy: false,
  secret_recovery_window_in_days: 30,
} as const;

/**
 * What `environment` decides. Each setting has a nullable variable of the same name, which wins.
 *
 * dev is cheap and easy to throw away. staging and prod keep data by all means, and are alike: what
 * staging is for is to show what prod will do.
 */
export const PROFILES = {
  dev: {
    alb_deletion_protection: false,
    backend_max_count: 2,
    db_apply_immediately: true,
    db_deletion_protection: false,
    db_multi_az: false,
    db_skip_final_snapshot: true,
    ecr_force_delete: true,
    enable_alb_access_logs: false,
    enable_flow_logs: false,
    enable_frontend_access_logs: false,
    frontend_force_destroy: true,
    secret_recovery_window_in_days: 0,
  },
  staging: PROTECTED,
  prod: PROTECTED,
} as const;

/** Names of the settings that a profile decides. */
export type ProfileSetting = keyof (typeof PROFILES)["dev"];

export const ENVIRONMENTS = Object.keys(PROFILES) as (keyof typeof PROFILES)[];

/**
 * The settings in force: the variable where it is set, otherwise the profile of `environment`.
 * They are Terraform locals, so that a reader of the plan's JSON finds both the table and the choice.
 */
export class Profile extends Construct {
  constructor(
    scope: Construct,
    id: string,
    environment: string,
    private readonly overrides: Readonly<Record<ProfileSetting, TerraformVariable>>,
  ) {
    super(scope, id);

    const profiles = new TerraformLocal(this, "profiles", PROFILES);
    new TerraformLocal(this, "profile", expression(this, `${profiles.fqn}[${environment}]`));
  }

  public flag(setting: ProfileSetting): IResolvable {
    return this.inForce(setting).expression;
  }

  public number(setting: ProfileSetting): number {
    return Token.asNumber(this.inForce(setting).expression);
  }

  private inForce(setting: ProfileSetting): TerraformLocal {
    const override = this.overrides[setting];
    return new TerraformLocal(
      this,
      setting,
      expression(this, `coalesce(${override.fqn}, local.profile.${setting})`),
    );
  }
}
