import type { State } from "../../../adopt/state";
import type { Subject } from "../../../ops/doctor/asking-aws";
import type { EffectiveValues } from "../../../ops/values";

/** The defaults in dev. */
const values: EffectiveValues = {
  aws_region: "us-west-2",
  app_name: "time-series-analyzer",
  environment: "dev",
  public_subnet_cidrs: ["10.0.1.0/24", "10.0.2.0/24"],
  azs: null,
  single_nat_gateway: false,
  enable_ssl: false,
  ssl_certificate_arn: "",
  backend_cpu: 256,
  backend_cpu_architecture: "X86_64",
  backend_desired_count: 1,
  backend_image_tag: "latest",
  backend_max_count: 2,
  backend_memory: 512,
  use_fargate_spot: false,
  db_allocated_storage: 20,
  db_engine_version: "15",
  db_instance_class: "db.t3.micro",
  db_multi_az: false,
  db_skip_final_snapshot: true,
  db_storage_type: "gp3",
  enable_flow_logs: false,
  enable_frontend_hosting: null,
  enable_waf: false,
  frontend_certificate_arn: "",
  secret_recovery_window_in_days: 0,
};

/** What a check is given. Nothing is deployed unless `deployed` names addresses. */
export function subject(changes: Partial<EffectiveValues> = {}, deployed: readonly string[] = []): Subject {
  return {
    values: { ...values, ...changes },
    state: deployed.length > 0 ? stateOf(Object.fromEntries(deployed.map((each) => [each, {}]))) : undefined,
    signal: new AbortController().signal,
  };
}

/** A state that holds these resources, by address, with their attributes. */
export function stateOf(resources: Readonly<Record<string, Readonly<Record<string, unknown>>>>): State {
  return {
    terraformVersion: "1.11.4",
    lineage: "a-lineage",
    serial: 7,
    instances: Object.entries(resources).map(([address, attributes]) => ({
      address,
      resource: address.replace(/\[.*\]$/, ""),
      provider: 'provider["registry.terraform.io/hashicorp/aws"]',
      attributes,
    })),
  };
}

/** An error as AWS's services answer with. */
export function awsError(name: string, message = "said AWS"): Error {
  return Object.assign(new Error(message), { name });
}
