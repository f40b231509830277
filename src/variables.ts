import { Construct } from "constructs";
import { backendVariables } from "./variables/backend";
import { databaseVariables } from "./variables/database";
import { frontendVariables } from "./variables/frontend";
import { generalVariables } from "./variables/general";
import { loadBalancerVariables } from "./variables/load-balancer";
import { networkVariables } from "./variables/network";
import { operationsVariables } from "./variables/operations";

/** What {@link defineVariables} defines. */
export type Variables = ReturnType<typeof defineVariables>;

/** Every input of the stack, in a scope of its own because a variable may share its name with a resource. */
export function defineVariables(stack: Construct) {
  const scope = new Construct(stack, "variables");
  return {
    general: generalVariables(scope),
    network: networkVariables(scope),
    loadBalancer: loadBalancerVariables(scope),
    backend: backendVariables(scope),
    database: databaseVariables(scope),
    frontend: frontendVariables(scope),
    operations: operationsVariables(scope),
  };
}
