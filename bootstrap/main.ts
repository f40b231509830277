import { join } from "node:path";
import { App } from "cdktf";
import { TimeSeriesAnalyzerStack } from "../src/stack";
import { linkTfvars } from "../src/tfvars-link";
import { BootstrapStack } from "./stack";

// Beside the app, not in the deployment's cdktf.out: each synthesis empties its own.
const outdir = process.env.CDKTF_OUTDIR ?? join("bootstrap", "cdktf.out");
const app = new App({ outdir, skipValidation: true });
const deployment = new TimeSeriesAnalyzerStack(new App({ skipValidation: true }), "time-series-analyzer", {
  state: { kind: "local" },
});
const stack = new BootstrapStack(app, "bootstrap", { deployment: deployment.toTerraform() });
app.synth();

linkTfvars(app.outdir, stack.node.id, join("bootstrap", "terraform.tfvars"));
