// Many deployments from one app: fleet.json lists them, each has its own stack, state and values.
//
//   npx cdktf deploy acme-prod --app "node runner/run.mjs examples/fleet/main.ts"
//
// The values of acme-prod are in examples/fleet/acme-prod.tfvars, made as terraform.tfvars is; Git ignores it.
// Two deployments in one account and
// region need different values of app_name, which the names of their resources start with.
import { App } from "cdktf";
import { stateLocation } from "../../src/backend";
import { defineFleet } from "../../src/fleet";
import { linkTfvars } from "../../src/tfvars-link";
import fleet from "./fleet.json";

const app = new App({ skipValidation: true });
defineFleet(
  app,
  fleet.deployments.map((id) => ({
    id,
    state: stateLocation({
      STATE_BUCKET: fleet.stateBucket,
      STATE_KEY: `${id}/terraform.tfstate`,
      STATE_REGION: fleet.stateRegion,
    }),
  })),
);
app.synth();

for (const id of fleet.deployments) linkTfvars(app.outdir, id, `examples/fleet/${id}.tfvars`);
