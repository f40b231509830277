import { Problem } from "./problem";

/** A resource as a state holds it. Secrets may be among the attributes: print none but known ones. */
export interface Instance {
  readonly address: string;
  /** The address without the index. */
  readonly resource: string;
  readonly provider: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A state of the older project. */
export interface State {
  readonly terraformVersion: string;
  readonly lineage: string;
  readonly serial: number;
  /** Managed resources. Data sources are read anew with every plan. */
  readonly instances: readonly Instance[];
}

interface StateFile {
  readonly version?: number;
  readonly terraform_version?: string;
  readonly serial?: number;
  readonly lineage?: string;
  readonly resources?: readonly {
    readonly module?: string;
    readonly mode: string;
    readonly type: string;
    readonly name: string;
    readonly provider: string;
    readonly instances: readonly {
      readonly index_key?: string | number;
      readonly deposed?: string;
      readonly attributes?: Record<string, unknown>;
    }[];
  }[];
}

/** Format that Terraform writes since 0.12. */
const FORMAT = 4;

const PROVIDER = 'provider["registry.terraform.io/hashicorp/aws"]';

/**
 * Reads a state file.
 *
 * @param origin - Where the text is from, for messages.
 * @throws Problem
 */
export function parseState(text: string, origin: string): State {
  const file = parseFile(text, origin);
  if (file.version !== FORMAT) {
    throw new Problem(
      `${origin} must be a state in format ${FORMAT}, got ${file.version ?? "none"}: ` +
        'run "terraform apply" in the older project with Terraform 0.13 or newer first, which rewrites it',
    );
  }
  if (!file.lineage || typeof file.serial !== "number") {
    throw new Problem(`${origin} must have a lineage and a serial: it is no state that Terraform wrote`);
  }
  return {
    terraformVersion: file.terraform_version ?? "unknown",
    lineage: file.lineage,
    serial: file.serial,
    instances: instancesOf(file),
  };
}

/** Whether `terraform state pull` found no state: it then prints nothing, or a state that has no lineage. */
export function isAbsent(pulled: string): boolean {
  return pulled.trim() === "" || !(JSON.parse(pulled) as StateFile).lineage;
}

/** The attributes of one instance. Empty when the state does not hold it. */
export function attributesOf(state: State, address: string): Readonly<Record<string, unknown>> {
  return state.instances.find((each) => each.address === address)?.attributes ?? {};
}

/** The region that the resources of a state are in. */
export function regionOf(state: State): string | undefined {
  const { arn } = attributesOf(state, "aws_lb.app_lb");
  return typeof arn === "string" ? arn.split(":")[3] : undefined;
}

/** What to do about resources of another provider than this project's. */
export function foreignProviders(state: State): string | undefined {
  const foreign = [...new Set(state.instances.map(({ provider }) => provider))].filter(
    (provider) => !provider.startsWith(PROVIDER),
  );
  if (foreign.length === 0) return undefined;
  return (
    `the resources must be managed by ${PROVIDER}, but some are by ${foreign.join(", ")}: copy the older project, ` +
    'run "terraform state replace-provider <that one> registry.terraform.io/hashicorp/aws" in the copy, and adopt that'
  );
}

function parseFile(text: string, origin: string): StateFile {
  try {
    const file: unknown = JSON.parse(text);
    if (typeof file === "object" && file !== null) return file;
  } catch {
    // Said below.
  }
  throw new Problem(`${origin} must be a Terraform state, but is not JSON`);
}

function instancesOf(file: StateFile): Instance[] {
  return (file.resources ?? [])
    .filter(({ mode }) => mode === "managed")
    .flatMap(({ module, type, name, provider, instances }) => {
      const resource = [module, type, name].filter(Boolean).join(".");
      return instances
        .filter(({ deposed }) => deposed === undefined)
        .map(({ index_key, attributes = {} }) => ({
          address: index_key === undefined ? resource : `${resource}[${JSON.stringify(index_key)}]`,
          resource,
          provider,
          attributes,
        }));
    });
}
