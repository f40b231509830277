import { App } from "cdktf";
import { stateLocation } from "./src/backend";
import { TimeSeriesAnalyzerStack } from "./src/stack";
import { linkTfvars } from "./src/tfvars-link";

// cdktf would start Terraform for its version. required_version in the stack says the same to Terraform itself.
const app = new App({ skipValidation: true });
const stack = new TimeSeriesAnalyzerStack(app, "time-series-analyzer", {
  state: stateLocation(process.env),
});
app.synth();

linkTfvars(app.outdir, stack.node.id);
