import { createRequire, Module } from "node:module";

// What cdktf does, and no unit test looks at.

// It loads what packs assets into archives, which is half of all that it loads.
const ofCdktf = createRequire(createRequire(import.meta.url).resolve("cdktf"));
ofCdktf.cache[ofCdktf.resolve("archiver")] = Object.assign(new Module("archiver"), { loaded: true });

// First: its modules import each other, and load only from this end.
await import("cdktf");
const { ValidateBinaryVersion } = await import("cdktf/lib/validations");

// It notes where each of its thousands of tokens was made, and the trace of each is mapped to the source here.
// The other traces stay.
const { captureStackTrace } = Error;
Error.captureStackTrace = (target, below) => {
  if (below?.name !== captureStackTrace.name) captureStackTrace(target, below);
};

// It starts Terraform in each synthesis to ask for its version, because the stack moves resources.
ValidateBinaryVersion.prototype.validate = () => [];
