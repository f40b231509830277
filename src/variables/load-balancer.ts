import type { Construct } from "constructs";
import { SSL_POLICY } from "../lib/ssl-policies";
import { optionalVariable, variable } from "./define";
import { PARTITION_OF_REGION } from "./general";
import { cidrBlocks, distinct, every, matches, matching, wholeNumber } from "./rules";

/** The load balancer, its listeners and its health check. */
export function loadBalancerVariables(scope: Construct) {
  return {
    enableSsl: variable(scope, "enable_ssl", "bool", {
      description: "Serve HTTPS on port 443 and redirect port 80 to it. Needs ssl_certificate_arn.",
      default: false,
    }).booleanValue,

    certificateArn: variable(scope, "ssl_certificate_arn", "string", {
      description: "ARN of an issued ACM certificate in aws_region.",
      default: "",
      rules: [
        {
          holds: 'var.enable_ssl ? var.ssl_certificate_arn != "" : true',
          must: "be the ARN of a certificate when enable_ssl is true",
          remedy: "Set it, or set enable_ssl = false.",
        },
        {
          holds: matches(
            "var.ssl_certificate_arn",
            "|arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|arn:aws[a-z-]*:iam::[0-9]{12}:server-certificate/[A-Za-z0-9+=,.@_/-]+",
          ),
          must: "be the ARN of a certificate, arn:aws:acm:<region>:<account>:certificate/<id>, or empty",
        },
        {
          holds: `var.ssl_certificate_arn == "" ? true : startswith(var.ssl_certificate_arn, "arn:\${${PARTITION_OF_REGION}}:acm:\${var.aws_region}:") || startswith(var.ssl_certificate_arn, "arn:\${${PARTITION_OF_REGION}}:iam:")`,
          must: `be the ARN of a certificate in aws_region, arn:\${${PARTITION_OF_REGION}}:acm:\${var.aws_region}:<account>:certificate/<id>`,
          remedy: "Request or import the certificate there.",
        },
      ],
    }).stringValue,

    sslPolicy: variable(scope, "ssl_policy", "string", {
      description: "Security policy of the HTTPS listener: which TLS versions and ciphers it accepts.",
      default: "ELBSecurityPolicy-TLS13-1-2-2021-06",
      rules: [
        matching(
          "ssl_policy",
          SSL_POLICY,
          "be the name of a security policy, for example ELBSecurityPolicy-TLS13-1-2-2021-06",
          "List them with aws elbv2 describe-ssl-policies.",
        ),
      ],
    }).stringValue,

    albIdleTimeout: variable(scope, "alb_idle_timeout", "number", {
      description: "Seconds after which the load balancer closes an idle connection, from 1 to 4000.",
      default: 60,
      rules: [wholeNumber("alb_idle_timeout", 1, 4000, "seconds")],
    }).numberValue,

    albIngressCidrs: variable(scope, "alb_ingress_cidrs", "list(string)", {
      description: "Who may reach the load balancer, as IPv4 ranges.",
      default: ["0.0.0.0/0"],
      rules: [
        ...cidrBlocks("alb_ingress_cidrs"),
        {
          holds: "length(var.alb_ingress_cidrs) > 0",
          must: "hold at least one range",
          remedy: "Leave it out for everybody.",
        },
        distinct("alb_ingress_cidrs", "range"),
      ],
    }).listValue,

    albDeletionProtection: optionalVariable(scope, "alb_deletion_protection", "bool", {
      description: "Refuse to delete the load balancer. Default: on in staging and prod.",
    }),

    enableAlbAccessLogs: optionalVariable(scope, "enable_alb_access_logs", "bool", {
      description:
        "Write access logs to a bucket of their own, kept for 90 days. Default: on in staging and prod.",
    }),

    enableWaf: optionalVariable(scope, "enable_waf", "bool", {
      description:
        "Put a web application firewall (AWS WAF) before the load balancer. Default: on in staging and prod.",
    }),

    wafRateLimit: variable(scope, "waf_rate_limit", "number", {
      description:
        "Requests that one client may make in five minutes before the firewall blocks it, from 10 to 2000000000.",
      default: 2000,
      rules: [wholeNumber("waf_rate_limit", 10, 2_000_000_000, "requests")],
    }).numberValue,

    healthCheckPath: variable(scope, "health_check_path", "string", {
      description: "Path that the load balancer asks for to see whether a task is healthy.",
      default: "/api/health",
      rules: [
        matching(
          "health_check_path",
          "/[!-~]*",
          "be a path that starts with / and holds printable ASCII characters without spaces",
        ),
        { holds: "length(var.health_check_path) <= 1024", must: "have at most 1024 characters" },
      ],
    }).stringValue,

    healthCheckMatcher: variable(scope, "health_check_matcher", "string", {
      description:
        "HTTP codes of a healthy answer: a code, a list or a range. Set 200,401 where the application asks for the API key there.",
      default: "200",
      rules: [
        matching(
          "health_check_matcher",
          "[2-4][0-9]{2}(-[2-4][0-9]{2})?(,[2-4][0-9]{2}(-[2-4][0-9]{2})?)*",
          "be HTTP codes from 200 to 499 without spaces, for example 200, 200,401 or 200-299",
        ),
        {
          holds: every(
            "codes",
            'split(",", var.health_check_matcher)',
            'tonumber(split("-", codes)[0]) <= tonumber(reverse(split("-", codes))[0])',
          ),
          must: "have ranges that go from the lower code to the higher",
        },
      ],
    }).stringValue,

    healthCheckInterval: variable(scope, "health_check_interval", "number", {
      description: "Seconds between two health checks, from 5 to 300.",
      default: 30,
      rules: [wholeNumber("health_check_interval", 5, 300, "seconds")],
    }).numberValue,

    healthCheckTimeout: variable(scope, "health_check_timeout", "number", {
      description:
        "Seconds to wait for the answer to a health check, from 2 to 120 and less than the interval.",
      default: 5,
      rules: [
        wholeNumber("health_check_timeout", 2, 120, "seconds"),
        {
          holds: "var.health_check_timeout < var.health_check_interval",
          must: "be less than health_check_interval (${var.health_check_interval})",
        },
      ],
    }).numberValue,

    deregistrationDelay: variable(scope, "deregistration_delay", "number", {
      description: "Seconds that a stopping task may take to finish its requests, from 0 to 3600.",
      default: 300,
      rules: [wholeNumber("deregistration_delay", 0, 3600, "seconds")],
    }).numberValue,
  };
}
