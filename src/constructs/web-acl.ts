import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { CloudwatchLogResourcePolicy } from "@cdktf/provider-aws/lib/cloudwatch-log-resource-policy";
import {
  Wafv2WebAcl,
  type Wafv2WebAclRule,
  type Wafv2WebAclRuleVisibilityConfig,
  wafv2WebAclRuleToTerraform,
} from "@cdktf/provider-aws/lib/wafv2-web-acl";
import { Wafv2WebAclAssociation } from "@cdktf/provider-aws/lib/wafv2-web-acl-association";
import { Wafv2WebAclLoggingConfiguration } from "@cdktf/provider-aws/lib/wafv2-web-acl-logging-configuration";
import { conditional, Fn, type IResolvable, Op, Token } from "cdktf";
import { Construct } from "constructs";
import { countIf, expression, optionalAttribute } from "../lib/expression";
import { CLIENT_IP_HEADER } from "../lib/frontend-functions";
import { policyDocument } from "../lib/policy-document";
import type { LoadBalancer } from "./load-balancer";

export interface WebAclProps {
  readonly appName: string;
  readonly accountId: string;
  readonly partition: string;
  readonly region: string;
  readonly loadBalancer: LoadBalancer;
  readonly enabled: IResolvable;
  /** Requests that one address may make in five minutes, from 10 to 2,000,000,000. */
  readonly rateLimit: number;
  /** Whether CloudFront stands before the load balancer, and names the client in a header. */
  readonly behindCloudFront: IResolvable;
  readonly logRetentionInDays: number;
}

/** What a client uploads its files to. */
const UPLOAD_PATH = "/api/upload-csv/";

/**
 * AWS's groups of rules, in the order in which a request meets them. `bodyRules` look into bodies and take
 * files for attacks (one of them whatever is larger than 8 KB), so they only leave their label on a request.
 *
 * @see https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
 * @see https://repost.aws/knowledge-center/waf-upload-blocked-files
 */
const MANAGED_RULE_GROUPS: readonly {
  readonly name: string;
  /** Their labels by name. */
  readonly bodyRules?: Readonly<Record<string, string>>;
}[] = [
  { name: "AWSManagedRulesAmazonIpReputationList" },
  { name: "AWSManagedRulesKnownBadInputsRuleSet" },
  {
    name: "AWSManagedRulesCommonRuleSet",
    bodyRules: {
      SizeRestrictions_BODY: "awswaf:managed:aws:core-rule-set:SizeRestrictions_Body",
      GenericLFI_BODY: "awswaf:managed:aws:core-rule-set:GenericLFI_Body",
      GenericRFI_BODY: "awswaf:managed:aws:core-rule-set:GenericRFI_Body",
      CrossSiteScripting_BODY: "awswaf:managed:aws:core-rule-set:CrossSiteScripting_Body",
    },
  },
  {
    name: "AWSManagedRulesSQLiRuleSet",
    bodyRules: {
      SQLi_BODY: "awswaf:managed:aws:sql-database:SQLi_Body",
      SQLiExtendedPatterns_BODY: "awswaf:managed:aws:sql-database:SQLiExtendedPatterns_Body",
    },
  },
];

/** Blocks what the body rules have labelled, except at the path that files are sent to. */
const BODIES_OF_NO_UPLOAD: Wafv2WebAclRule = {
  name: "bodies-of-no-upload",
  priority: 20,
  action: { block: {} },
  statement: {
    and_statement: {
      statement: [
        {
          or_statement: {
            statement: MANAGED_RULE_GROUPS.flatMap(({ bodyRules = {} }) => Object.values(bodyRules)).map(
              (key) => ({ label_match_statement: { scope: "LABEL", key } }),
            ),
          },
        },
        {
          not_statement: {
            statement: [
              {
                byte_match_statement: {
                  field_to_match: { uri_path: {} },
                  positional_constraint: "STARTS_WITH",
                  search_string: UPLOAD_PATH,
                  text_transformation: [{ priority: 0, type: "NONE" }],
                },
              },
            ],
          },
        },
      ],
    },
  },
  visibilityConfig: metric("bodies-of-no-upload"),
};

/** Headers that may hold a key or a session. Logs have a placeholder in their place. */
const SECRET_HEADERS = ["authorization", "cookie", "x-api-key"];

/**
 * CloudFront asks for many clients from one address, which may make this many times the requests of a client.
 * The limit still counts there, because everybody can send the header that names a client.
 */
const CLIENTS_OF_ONE_EDGE = 10;
const HIGHEST_RATE_LIMIT = 2_000_000_000;

/**
 * A web application firewall (AWS WAF) before the load balancer: AWS's rules against known attacks, a limit on
 * the requests of one client, and a log of what they caught.
 */
export class WebAcl extends Construct {
  /** Null where it is not enabled. */
  public readonly arn: string;
  /** What its metrics are found under. */
  public readonly metricName: string;

  constructor(scope: Construct, id: string, props: WebAclProps) {
    super(scope, id);
    const { appName, accountId, partition, region, rateLimit } = props;
    const name = `${appName}-web-acl`;
    const count = countIf(this, props.enabled);

    const webAcl = new Wafv2WebAcl(this, "web_acl", {
      count,
      name,
      description: "Stands before the load balancer",
      scope: "REGIONAL",
      defaultAction: { allow: {} },
      visibilityConfig: metric(name),
      rule: [
        rateRule("rate-limit", 0, {
          limit: conditional(
            props.behindCloudFront,
            Fn.min([Op.mul(rateLimit, CLIENTS_OF_ONE_EDGE), HIGHEST_RATE_LIMIT]),
            rateLimit,
          ),
          aggregate_key_type: "IP",
        }),
        ...MANAGED_RULE_GROUPS.map(managedRules),
        BODIES_OF_NO_UPLOAD,
      ],
      tags: { Name: `${appName} Web ACL` },
    });
    webAcl.addOverride("dynamic.rule", {
      for_each: expression(this, `${Token.asString(props.behindCloudFront)} ? [true] : []`),
      content: wafv2WebAclRuleToTerraform(
        rateRule("rate-limit-behind-cloudfront", 1, {
          limit: rateLimit,
          aggregate_key_type: "FORWARDED_IP",
          forwarded_ip_config: { header_name: CLIENT_IP_HEADER, fallback_behavior: "MATCH" },
        }),
      ),
    });
    this.arn = optionalAttribute(webAcl, "arn");
    this.metricName = name;

    const logGroup = new CloudwatchLogGroup(this, "web_acl_logs", {
      count,
      // AWS WAF writes to groups with this prefix only.
      name: `aws-waf-logs-${appName}`,
      retentionInDays: props.logRetentionInDays,
    });
    const logGroupArn = optionalAttribute(logGroup, "arn");
    const writable = new CloudwatchLogResourcePolicy(this, "web_acl_logs_policy", {
      count,
      policyName: `${appName}-web-acl-logs`,
      policyDocument: policyDocument({
        Principal: { Service: "delivery.logs.amazonaws.com" },
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: `${logGroupArn}:*`,
        Condition: {
          StringEquals: { "aws:SourceAccount": accountId },
          ArnLike: { "aws:SourceArn": `arn:${partition}:logs:${region}:${accountId}:*` },
        },
      }),
    });
    const logging = new Wafv2WebAclLoggingConfiguration(this, "web_acl_logging", {
      count,
      resourceArn: this.arn,
      logDestinationConfigs: [logGroupArn],
      redactedFields: SECRET_HEADERS.map((header) => ({ singleHeader: { name: header } })),
      // The load balancer's access logs have the others.
      loggingFilter: {
        defaultBehavior: "DROP",
        filter: [
          {
            behavior: "KEEP",
            requirement: "MEETS_ANY",
            condition: [{ actionCondition: { action: "BLOCK" } }, { actionCondition: { action: "COUNT" } }],
          },
        ],
      },
      dependsOn: [writable],
    });
    new Wafv2WebAclAssociation(this, "web_acl_association", {
      count,
      webAclArn: this.arn,
      resourceArn: props.loadBalancer.arn,
      dependsOn: [logging],
    });
  }
}

/** Blocks who makes more requests in five minutes than the limit, until there are fewer again. */
function rateRule(name: string, priority: number, statement: object): Wafv2WebAclRule {
  return {
    name,
    priority,
    action: { block: {} },
    statement: { rate_based_statement: statement },
    visibilityConfig: metric(name),
  };
}

function managedRules(
  { name, bodyRules = {} }: (typeof MANAGED_RULE_GROUPS)[number],
  index: number,
): Wafv2WebAclRule {
  return {
    name,
    priority: 10 + index,
    overrideAction: { none: {} },
    statement: {
      managed_rule_group_statement: {
        vendor_name: "AWS",
        name,
        rule_action_override: Object.keys(bodyRules).map((rule) => ({
          name: rule,
          action_to_use: { count: {} },
        })),
      },
    },
    visibilityConfig: metric(name),
  };
}

function metric(metricName: string): Wafv2WebAclRuleVisibilityConfig {
  return {
    metricName,
    cloudwatchMetricsEnabled: true,
    // Samples show every header to whoever may see them, keys too.
    sampledRequestsEnabled: false,
  };
}
