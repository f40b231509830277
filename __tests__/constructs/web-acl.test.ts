import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { CloudwatchLogResourcePolicy } from "@cdktf/provider-aws/lib/cloudwatch-log-resource-policy";
import { Wafv2WebAcl } from "@cdktf/provider-aws/lib/wafv2-web-acl";
import { Wafv2WebAclAssociation } from "@cdktf/provider-aws/lib/wafv2-web-acl-association";
import { Wafv2WebAclLoggingConfiguration } from "@cdktf/provider-aws/lib/wafv2-web-acl-logging-configuration";
import { describe, expect, it } from "vitest";
import { readHcl } from "../helpers/hcl";
import { type Block, wholeStack } from "../helpers/synth";

const stack = wholeStack();
const webAcl = stack.resource(Wafv2WebAcl);
const rules: Block[] = webAcl.rule;
const behindCloudFront: Block = webAcl.dynamic.rule.content;
const WEB_ACL_ARN = "${one(aws_wafv2_web_acl.web_acl[*].arn)}";
const LOG_GROUP_ARN = "${one(aws_cloudwatch_log_group.web_acl_logs[*].arn)}";

const rule = (name: string): Block => {
  const found = rules.find((each) => each.name === name);
  if (!found) throw new Error(`no rule ${name}`);
  return found;
};
const managed = rules.filter(({ statement }) => statement.managed_rule_group_statement);

/** Capacity units that AWS documents for its groups. */
const CAPACITY: Record<string, number> = {
  AWSManagedRulesAmazonIpReputationList: 25,
  AWSManagedRulesKnownBadInputsRuleSet: 200,
  AWSManagedRulesCommonRuleSet: 700,
  AWSManagedRulesSQLiRuleSet: 200,
};

describe("WebAcl", () => {
  it.each([
    ["web ACL", Wafv2WebAcl, "web_acl"],
    ["association", Wafv2WebAclAssociation, "web_acl_association"],
    ["log configuration", Wafv2WebAclLoggingConfiguration, "web_acl_logging"],
    ["log group", CloudwatchLogGroup, "web_acl_logs"],
    ["policy of the log group", CloudwatchLogResourcePolicy, "web_acl_logs_policy"],
  ])("has a %s only where the setting is on", (_what, type, id) => {
    expect(stack.resource(type, id).count).toBe("${local.enable_waf ? 1 : 0}");
  });

  it("stands before the load balancer, and lets through what no rule blocks", () => {
    expect(webAcl).toMatchObject({ scope: "REGIONAL", default_action: { allow: {} } });
    expect(stack.resource(Wafv2WebAclAssociation)).toMatchObject({
      web_acl_arn: WEB_ACL_ARN,
      resource_arn: "${aws_lb.app_lb.arn}",
      // From the first request on.
      depends_on: ["aws_wafv2_web_acl_logging_configuration.web_acl_logging"],
    });
  });

  it("has AWS's rules, whose groups block by themselves", () => {
    expect(managed.map(({ name }) => name).sort()).toEqual(Object.keys(CAPACITY).sort());
    for (const { name, statement, override_action, action } of managed) {
      expect(statement.managed_rule_group_statement).toMatchObject({ name, vendor_name: "AWS" });
      expect(override_action).toEqual({ none: {} });
      expect(action).toBeUndefined();
    }
  });

  it("counts every rule in metrics, and keeps no samples: they would show keys", () => {
    for (const { visibility_config } of [webAcl, behindCloudFront, ...rules]) {
      expect(visibility_config).toMatchObject({
        cloudwatch_metrics_enabled: true,
        sampled_requests_enabled: false,
      });
    }
    const names = [behindCloudFront, ...rules].map(({ visibility_config }) => visibility_config.metric_name);
    expect(new Set(names).size).toBe(names.length);
  });

  it("takes each priority once", () => {
    const priorities = [behindCloudFront, ...rules].map(({ priority }) => priority);

    expect(new Set(priorities).size).toBe(priorities.length);
  });

  it("costs no more than the 1500 capacity units that the price of a web ACL holds", () => {
    // Each rate limit 2, each label 1, the path 2 and 10 for its transformation.
    const labels = rule("bodies-of-no-upload").statement.and_statement.statement[0].or_statement.statement;
    const own = 2 + 2 + labels.length + 12;

    expect(managed.reduce((sum, { name }) => sum + (CAPACITY[name] ?? NaN), own)).toBeLessThanOrEqual(1500);
  });
});

describe("uploads", () => {
  const [labelled, elsewhere] = rule("bodies-of-no-upload").statement.and_statement.statement;
  const counted = managed.flatMap(({ statement }) =>
    (statement.managed_rule_group_statement.rule_action_override as Block[]).map((each) => each),
  );

  it("pass the rules that take files for attacks, one of them whatever is larger than 8 KB", () => {
    expect(counted.map(({ name }) => name).sort()).toEqual([
      "CrossSiteScripting_BODY",
      "GenericLFI_BODY",
      "GenericRFI_BODY",
      "SQLiExtendedPatterns_BODY",
      "SQLi_BODY",
      "SizeRestrictions_BODY",
    ]);
    for (const { action_to_use } of counted) expect(action_to_use).toEqual({ count: {} });
    expect(elsewhere.not_statement.statement).toEqual([
      {
        byte_match_statement: {
          field_to_match: { uri_path: {} },
          positional_constraint: "STARTS_WITH",
          search_string: "/api/upload-csv/",
          text_transformation: [{ priority: 0, type: "NONE" }],
        },
      },
    ]);
  });

  it("alone: at every other path the labels of these rules block", () => {
    const labels: string[] = (labelled.or_statement.statement as Block[]).map(
      ({ label_match_statement: { scope, key } }) => `${scope} ${key}`,
    );

    expect(rule("bodies-of-no-upload").action).toEqual({ block: {} });
    expect(labels.map((label) => label.split(":").at(-1)?.toLowerCase()).sort()).toEqual(
      counted.map(({ name }) => name.toLowerCase()).sort(),
    );
    for (const label of labels) {
      expect(label).toMatch(/^LABEL awswaf:managed:aws:(core-rule-set|sql-database):[A-Za-z]+_Body$/);
    }
  });

  it("are judged after the groups have labelled them", () => {
    for (const { priority } of managed) {
      expect(priority).toBeLessThan(rule("bodies-of-no-upload").priority);
    }
  });
});

describe("rate limit", () => {
  const limit = "var.waf_rate_limit";

  it("counts by address, ten times as generously where CloudFront's addresses come too", () => {
    expect(rule("rate-limit")).toMatchObject({
      action: { block: {} },
      statement: {
        rate_based_statement: {
          aggregate_key_type: "IP",
          limit: `\${local.enable_frontend_hosting ? min((${limit} * 10), 2000000000) : ${limit}}`,
        },
      },
    });
  });

  it("counts the clients of CloudFront by the header that it writes", () => {
    expect(webAcl.dynamic.rule.for_each).toBe("${local.enable_frontend_hosting ? [true] : []}");
    expect(behindCloudFront).toMatchObject({
      action: { block: {} },
      statement: {
        rate_based_statement: {
          aggregate_key_type: "FORWARDED_IP",
          forwarded_ip_config: { header_name: "true-client-ip", fallback_behavior: "MATCH" },
          limit: `\${${limit}}`,
        },
      },
    });
  });
});

describe("log of the web ACL", () => {
  const logging = stack.resource(Wafv2WebAclLoggingConfiguration);

  it("goes to a group with the prefix that AWS WAF asks for, kept as long as other logs", () => {
    expect(stack.resource(CloudwatchLogGroup, "web_acl_logs")).toMatchObject({
      name: "aws-waf-logs-${var.app_name}",
      retention_in_days: "${var.log_retention_in_days}",
    });
    expect(logging).toMatchObject({
      resource_arn: WEB_ACL_ARN,
      log_destination_configs: [LOG_GROUP_ARN],
      depends_on: ["aws_cloudwatch_log_resource_policy.web_acl_logs_policy"],
    });
  });

  it("holds what was blocked or counted, without keys and sessions", () => {
    expect(logging.redacted_fields).toEqual(
      ["authorization", "cookie", "x-api-key"].map((name) => ({ single_header: { name } })),
    );
    expect(logging.logging_filter).toEqual({
      default_behavior: "DROP",
      filter: [
        {
          behavior: "KEEP",
          requirement: "MEETS_ANY",
          condition: [{ action_condition: { action: "BLOCK" } }, { action_condition: { action: "COUNT" } }],
        },
      ],
    });
  });

  it("is written by AWS's delivery service, on behalf of this account only", () => {
    const account = "${data.aws_caller_identity.account.account_id}";
    const policy = readHcl(
      stack.resource(CloudwatchLogResourcePolicy, "web_acl_logs_policy").policy_document,
    );

    expect(policy.Statement).toEqual([
      {
        Effect: "Allow",
        Principal: { Service: "delivery.logs.amazonaws.com" },
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: `${LOG_GROUP_ARN}:*`,
        Condition: {
          StringEquals: { "aws:SourceAccount": account },
          ArnLike: {
            "aws:SourceArn": `arn:\${data.aws_partition.partition.partition}:logs:\${var.aws_region}:${account}:*`,
          },
        },
      },
    ]);
  });
});
