import { type IResolvable, TerraformLocal, type TerraformVariable, Token } from "cdktf";
import { Construct } from "constructs";
import { expression } from "./lib/expression";
import type { Variables } from "./variables";

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
  enable_waf: true,
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
    enable_waf: false,
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
  private readonly inForce: Readonly<Record<ProfileSetting, TerraformLocal>>;

  constructor(
    scope: Construct,
    id: string,
    environment: string,
    overrides: Readonly<Record<ProfileSetting, TerraformVariable>>,
  ) {
    super(scope, id);

    const profiles = new TerraformLocal(this, "profiles", PROFILES);
    new TerraformLocal(this, "profile", expression(this, `${profiles.fqn}[${environment}]`));
    this.inForce = Object.fromEntries(
      Object.entries(overrides).map(([setting, override]) => [
        setting,
        new TerraformLocal(
          this,
          setting,
          expression(this, `coalesce(${override.fqn}, local.profile.${setting})`),
        ),
      ]),
    ) as Record<ProfileSetting, TerraformLocal>;
  }

  public flag(setting: ProfileSetting): IResolvable {
    return this.inForce[setting].expression;
  }

  public number(setting: ProfileSetting): number {
    return Token.asNumber(this.inForce[setting].expression);
  }
}

/** The settings in force, for all inputs of the stack. */
export function defineProfile(
  scope: Construct,
  { general, network, loadBalancer, backend, database, frontend, operations }: Variables,
): Profile {
  return new Profile(scope, "settings", general.environment, {
    alb_deletion_protection: loadBalancer.albDeletionProtection,
    backend_max_count: backend.maxCount,
    db_apply_immediately: database.applyImmediately,
    db_deletion_protection: database.deletionProtection,
    db_multi_az: database.multiAz,
    db_skip_final_snapshot: database.skipFinalSnapshot,
    ecr_force_delete: operations.ecrForceDelete,
    enable_alb_access_logs: loadBalancer.enableAlbAccessLogs,
    enable_flow_logs: network.enableFlowLogs,
    enable_frontend_access_logs: frontend.enableAccessLogs,
    enable_waf: loadBalancer.enableWaf,
    frontend_force_destroy: frontend.forceDestroy,
    secret_recovery_window_in_days: operations.secretRecoveryWindow,
  });
}
