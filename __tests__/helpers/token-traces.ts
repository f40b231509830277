// cdktf notes where each of its thousands of tokens was made, and the trace of each is mapped to the source
// here: most of the time of a test. The other traces stay.
const { captureStackTrace } = Error;

Error.captureStackTrace = (target, below) => {
  if (below?.name !== captureStackTrace.name) captureStackTrace(target, below);
};
