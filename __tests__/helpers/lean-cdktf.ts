// First: its modules import each other, and load only from this end.
import "cdktf";
import { ValidateBinaryVersion } from "cdktf/lib/validations";

// What cdktf does in each synthesis, and no unit test looks at.

// It notes where each of its thousands of tokens was made, and the trace of each is mapped to the source here.
// The other traces stay.
const { captureStackTrace } = Error;
Error.captureStackTrace = (target, below) => {
  if (below?.name !== captureStackTrace.name) captureStackTrace(target, below);
};

// It starts Terraform to ask for its version, because the stack moves resources.
ValidateBinaryVersion.prototype.validate = () => [];
