import { LbListenerRule } from "@cdktf/provider-aws/lib/lb-listener-rule";
import { Fn, type IResolvable, TerraformStack, Token } from "cdktf";
import { Construct } from "constructs";
import { countIf, expression, listText } from "../lib/expression";
import { AccessLogsBucket } from "./access-logs-bucket";
import { FrontendBucket } from "./frontend-bucket";
import { FrontendDistribution } from "./frontend-distribution";
import type { LoadBalancer } from "./load-balancer";

export interface FrontendProps {
  readonly appName: string;
  readonly environment: string;
  readonly accountId: string;
  readonly region: string;
  readonly enabled: IResolvable;
  /** Name of the bucket, unique in all of AWS. */
  readonly bucketName: string;
  /** Whether deleting the buckets deletes the files and logs in them. */
  readonly forceDestroy: IResolvable;
  /** Whether requests are logged, to a bucket of their own. */
  readonly enableAccessLogs: IResolvable;
  /** Name to serve under, beside the distribution's own; empty for none. */
  readonly domainName: string;
  /** ARN of a certificate in us-east-1 for `domainName`; empty for none. */
  readonly certificateArn: string;
  readonly loadBalancer: LoadBalancer;
  /** Whether the load balancer serves HTTPS, and redirects HTTP to it. */
  readonly enableSsl: IResolvable;
  /** Name of the load balancer that its certificate is for; empty where there is none. */
  readonly backendDomainName: string;
  /** IPv4 ranges that may reach the load balancer. */
  readonly ingressCidrs: string[];
}

/** The React build behind one HTTPS address: files from a private bucket, `/api/*` from the load balancer. */
export class Frontend extends Construct {
  /** Each is null where the frontend is not hosted. */
  public readonly bucketName: string;
  public readonly distributionId: string;
  public readonly distributionDomainName: string;
  public readonly url: string;

  constructor(scope: Construct, id: string, props: FrontendProps) {
    super(scope, id);
    const { appName, enabled, loadBalancer, domainName, backendDomainName } = props;
    const name = `${appName}-frontend-${props.environment}`;
    const [isEnabled, ssl] = [Token.asString(enabled), Token.asString(props.enableSsl)];

    const bucket = new FrontendBucket(this, "bucket", {
      appName,
      bucketName: props.bucketName,
      enabled,
      forceDestroy: props.forceDestroy,
    });

    // The load balancer's certificate is not for its own DNS name, so CloudFront reaches it by HTTPS only
    // under a name of that certificate. Without one, port 80 must not redirect what CloudFront asks. The
    // rule stays when there is one: otherwise it would go some minutes before the edges use HTTPS.
    const onlyHttp = expression(this, `${ssl} && ${backendDomainName} == ""`);
    const header = { name: "X-From-CloudFront", value: name };
    const httpRule = new LbListenerRule(this, "frontend_api", {
      count: countIf(this, expression(this, `${isEnabled} && ${ssl}`)),
      listenerArn: loadBalancer.httpListenerArn,
      priority: 1,
      condition: [{ httpHeader: { httpHeaderName: header.name, values: [header.value] } }],
      action: [{ type: "forward", targetGroupArn: loadBalancer.targetGroupArn }],
    });
    TerraformStack.of(this).addOverride("check.frontend_api_is_encrypted.assert", [
      {
        condition: expression(this, `!(${isEnabled} && ${Token.asString(onlyHttp)})`),
        error_message:
          'backend_domain_name should be a name of the certificate that points at the load balancer, got "". CloudFront sends requests for /api/* there without TLS, although enable_ssl is true.',
      },
    ]);

    const logged = expression(this, `${isEnabled} && ${Token.asString(props.enableAccessLogs)}`);
    const accessLogs = new AccessLogsBucket(this, "frontend_logs", {
      bucketName: `${appName}-frontend-logs-${props.accountId}-${props.region}`,
      enabled: logged,
      forceDestroy: props.forceDestroy,
      writer: "acl",
    });

    const distribution = new FrontendDistribution(this, "distribution", {
      appName,
      name,
      enabled,
      bucket,
      api: {
        domainName: Token.asString(
          expression(this, `coalesce(${backendDomainName}, ${loadBalancer.dnsName})`),
        ),
        protocolPolicy: Token.asString(
          expression(this, `${ssl} && ${backendDomainName} != "" ? "https-only" : "http-only"`),
        ),
        header,
      },
      domainName,
      certificateArn: props.certificateArn,
      enableAccessLogs: logged,
      accessLogs,
      precondition: [
        {
          condition: expression(this, `contains(${listText(props.ingressCidrs)}, "0.0.0.0/0")`),
          errorMessage: `alb_ingress_cidrs must hold "0.0.0.0/0" where the frontend is hosted, got ${Fn.jsonencode(props.ingressCidrs)}. CloudFront reaches the load balancer from many addresses, and lets everybody reach /api/*: add it, or set enable_frontend_hosting = false.`,
        },
      ],
      dependsOn: [httpRule],
    });
    bucket.openOnlyTo(distribution.arn);

    this.bucketName = bucket.bucketName;
    this.distributionId = distribution.distributionId;
    this.distributionDomainName = distribution.distributionDomainName;
    this.url = Token.asString(
      expression(
        this,
        `${isEnabled} ? format("https://%s", coalesce(${domainName}, ${distribution.distributionDomainName})) : null`,
      ),
    );
  }
}
