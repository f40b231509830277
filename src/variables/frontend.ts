import type { Construct } from "constructs";
import { optionalVariable, type Rule, variable } from "./define";
import { matching } from "./rules";

/** Hosting of the frontend. */
export function frontendVariables(scope: Construct) {
  return {
    enableHosting: optionalVariable(scope, "enable_frontend_hosting", "bool", {
      description:
        "Host the frontend's build in S3 behind CloudFront. Default: on where the bucket of an existing deployment is there.",
    }),

    bucketName: variable(scope, "frontend_bucket_name", "string", {
      description:
        "Name of the bucket, unique in all of AWS. Empty: one made of app_name and environment. Changing it later replaces the bucket.",
      default: "",
      rules: [
        matching(
          "frontend_bucket_name",
          "|[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
          "be 3 to 63 lower-case letters, digits and hyphens that start and end with a letter or digit, or empty",
        ),
      ],
    }).stringValue,

    domainName: variable(scope, "frontend_domain_name", "string", {
      description:
        "Name to serve the frontend under, with frontend_certificate_arn. Empty: the name that CloudFront gives.",
      default: "",
      rules: [
        domainName("frontend_domain_name", "app.example.com"),
        {
          holds: 'var.frontend_domain_name == "" || var.enable_frontend_hosting != null',
          must: "be empty unless enable_frontend_hosting says whether there is a frontend",
          remedy: "Set enable_frontend_hosting = true.",
        },
      ],
    }).stringValue,

    certificateArn: variable(scope, "frontend_certificate_arn", "string", {
      description:
        "ARN of an issued ACM certificate for frontend_domain_name. CloudFront takes it from us-east-1 only.",
      default: "",
      rules: [
        matching(
          "frontend_certificate_arn",
          "|arn:aws:acm:us-east-1:[0-9]{12}:certificate/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
          "be the ARN of a certificate in us-east-1, arn:aws:acm:us-east-1:<account>:certificate/<id>, or empty",
          "CloudFront takes certificates from there only: request or import it there.",
        ),
        {
          holds: '(var.frontend_certificate_arn == "") == (var.frontend_domain_name == "")',
          must: 'be set together with frontend_domain_name ("${var.frontend_domain_name}")',
          remedy: "Set both or neither.",
        },
      ],
    }).stringValue,

    backendDomainName: variable(scope, "backend_domain_name", "string", {
      description:
        "Name of the certificate in ssl_certificate_arn that points at the load balancer: CloudFront then reaches it by HTTPS.",
      default: "",
      rules: [
        domainName("backend_domain_name", "api.example.com"),
        {
          holds: 'var.backend_domain_name == "" || var.enable_ssl',
          must: "be empty unless enable_ssl is true",
        },
      ],
    }).stringValue,

    forceDestroy: optionalVariable(scope, "frontend_force_destroy", "bool", {
      description: "Delete the frontend's buckets even if they hold files. Default: on in dev.",
    }),

    enableAccessLogs: optionalVariable(scope, "enable_frontend_access_logs", "bool", {
      description:
        "Write CloudFront's access logs to a bucket of their own, kept for 90 days. Default: on in staging and prod.",
    }),
  };
}

function domainName(name: string, example: string): Rule {
  return matching(
    name,
    "|([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}",
    `be a domain name in lower case, for example ${example}, or empty`,
  );
}
