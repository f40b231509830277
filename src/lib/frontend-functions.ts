/**
 * Programs of CloudFront Functions, which run at each edge. They are text because nothing here may
 * compile them: CloudFront takes them as they are, and the same source must give the same bytes.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
 */

/** Before the cache: a page of the application, a path without a file extension, is index.html. */
export const SERVE_PAGES = `function handler(event) {
  var request = event.request;
  var name = request.uri.split("/").pop();
  if (!name.includes(".")) {
    request.uri = "/index.html";
  }
  return request;
}
`;

/** Header that names the client to the load balancer. CloudFront overwrites what the client sends under it. */
export const CLIENT_IP_HEADER = "true-client-ip";

/**
 * Before a request goes to the API: who sent it. X-Forwarded-For will not do, because a client can begin it.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/example-function-add-true-client-ip-header.html
 */
export const NAME_CLIENT = `function handler(event) {
  var request = event.request;
  request.headers["${CLIENT_IP_HEADER}"] = { value: event.viewer.ip };
  return request;
}
`;

/**
 * After the cache: a file whose name holds a hash of its content never changes. An answer that it is
 * missing does, so no browser may keep that for a year.
 */
export const KEEP_ASSETS = `function handler(event) {
  var response = event.response;
  if (response.statusCode < 400) {
    response.headers["cache-control"] = { value: "public, max-age=31536000, immutable" };
  }
  return response;
}
`;
