import type { Environment } from "./environment";
import { TerraformCommands, UNATTENDED } from "./terraform";

export interface UserTerraformOptions {
  readonly directory: string;
  /** @default - none: the one that is selected in the directory */
  readonly workspace?: string | undefined;
  readonly signal: AbortSignal;
}

/** Terraform with the credentials and settings of whoever runs this. */
export class UserTerraform extends TerraformCommands {
  // Killed earlier, it would leave the lock behind, and out of the state what AWS is just making.
  protected override readonly graceMs = 5 * 60_000;

  constructor(private readonly options: UserTerraformOptions) {
    super(options.directory, options.signal);
  }

  override get environment(): Environment {
    const inherited: Environment = {};
    for (const [name, value] of Object.entries(process.env)) {
      // It names a workspace of the older project. This one has none.
      if (value !== undefined && name !== "TF_WORKSPACE") inherited[name] = value;
    }
    const { workspace } = this.options;
    return {
      ...inherited,
      ...(workspace !== undefined && { TF_WORKSPACE: workspace }),
      ...this.cliConfiguration,
      ...UNATTENDED,
    };
  }
}
