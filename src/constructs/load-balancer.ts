import { Lb } from "@cdktf/provider-aws/lib/lb";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { LbTargetGroup } from "@cdktf/provider-aws/lib/lb-target-group";
import { type IResolvable, type ITerraformDependable, Token } from "cdktf";
import { Construct } from "constructs";
import { countIf, expression } from "../lib/expression";
import { AccessLogsBucket } from "./access-logs-bucket";
import type { Vpc } from "./vpc";

export interface LoadBalancerProps {
  /** Prefix of the names, at most 21 characters: AWS allows 32 for `<appName>-backend-tg`. */
  readonly appName: string;
  readonly accountId: string;
  readonly region: string;
  readonly vpc: Vpc;
  readonly securityGroupId: string;
  /** Whether HTTPS is served, and HTTP only redirected to it. */
  readonly enableSsl: IResolvable;
  /** ARN of a certificate in `region`. Used only where `enableSsl` is true. */
  readonly certificateArn: string;
  /** Name of the security policy of the HTTPS listener. */
  readonly sslPolicy: string;
  /** Seconds, from 1 to 4000. */
  readonly idleTimeout: number;
  readonly deletionProtection: IResolvable;
  readonly enableAccessLogs: IResolvable;
  readonly targetPort: number;
  readonly healthCheck: {
    readonly path: string;
    /** HTTP codes of a healthy answer, for example `200,401`. */
    readonly matcher: string;
    /** Seconds, from 5 to 300. */
    readonly interval: number;
    /** Seconds, from 2 to 120, less than the interval. */
    readonly timeout: number;
  };
  /** Seconds that a stopping target may take to finish its requests, from 0 to 3600. */
  readonly deregistrationDelay: number;
}

/** The public way in: an Application Load Balancer, its listeners, and the target group of the backend. */
export class LoadBalancer extends Construct {
  public readonly arn: string;
  public readonly arnSuffix: string;
  public readonly dnsName: string;
  public readonly zoneId: string;
  public readonly httpListenerArn: string;
  public readonly targetGroupArn: string;
  public readonly targetGroupArnSuffix: string;
  /** What must be there before ECS may use the target group. */
  public readonly listeners: ITerraformDependable[];

  constructor(scope: Construct, id: string, props: LoadBalancerProps) {
    super(scope, id);

    const accessLogs = new AccessLogsBucket(this, "alb_logs", {
      bucketName: `${props.appName}-alb-logs-${props.accountId}-${props.region}`,
      enabled: props.enableAccessLogs,
      // The switch that releases the load balancer for deletion releases its logs as well.
      forceDestroy: expression(this, `!${Token.asString(props.deletionProtection)}`),
      writer: (bucketArn) => ({
        Sid: "LoadBalancersWriteLogs",
        Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
        Action: "s3:PutObject",
        // The path holds the account of the load balancer: other accounts' cannot write here.
        Resource: `${bucketArn}/AWSLogs/${props.accountId}/*`,
      }),
    });

    const loadBalancer = new Lb(this, "app_lb", {
      name: `${props.appName}-alb`,
      loadBalancerType: "application",
      internal: false,
      securityGroups: [props.securityGroupId],
      subnets: props.vpc.publicSubnetIds,
      idleTimeout: props.idleTimeout,
      dropInvalidHeaderFields: true,
      enableDeletionProtection: props.deletionProtection,
      tags: { Name: `${props.appName} Application Load Balancer` },
    });
    loadBalancer.addOverride("dynamic.access_logs", {
      for_each: expression(this, `${Token.asString(props.enableAccessLogs)} ? [true] : []`),
      content: { bucket: accessLogs.readyBucketName, enabled: true },
    });
    this.arn = loadBalancer.arn;
    this.arnSuffix = loadBalancer.arnSuffix;
    this.dnsName = loadBalancer.dnsName;
    this.zoneId = loadBalancer.zoneId;

    const targetGroup = new LbTargetGroup(this, "backend_tg", {
      name: `${props.appName}-backend-tg`,
      port: props.targetPort,
      protocol: "HTTP",
      targetType: "ip",
      vpcId: props.vpc.id,
      deregistrationDelay: Token.asString(props.deregistrationDelay),
      healthCheck: {
        enabled: true,
        path: props.healthCheck.path,
        matcher: props.healthCheck.matcher,
        interval: props.healthCheck.interval,
        timeout: props.healthCheck.timeout,
        healthyThreshold: 2,
        unhealthyThreshold: 2,
        port: "traffic-port",
        protocol: "HTTP",
      },
      tags: { Name: `${props.appName} Backend Target Group` },
      lifecycle: {
        // ECS registers each task with the task's own port, so this one is only a default. Changing it
        // would replace the group, which cannot work: its name is taken and the listener holds it.
        ignoreChanges: ["port"],
      },
    });
    this.targetGroupArn = targetGroup.arn;
    this.targetGroupArnSuffix = targetGroup.arnSuffix;

    const ssl = Token.asString(props.enableSsl);
    const http = new LbListener(this, "app_listener", {
      loadBalancerArn: loadBalancer.arn,
      port: 80,
      protocol: "HTTP",
      defaultAction: [],
    });
    http.addOverride("default_action", [
      {
        type: expression(this, `${ssl} ? "redirect" : "forward"`),
        target_group_arn: expression(this, `${ssl} ? null : ${targetGroup.arn}`),
        dynamic: {
          redirect: {
            for_each: expression(this, `${ssl} ? [true] : []`),
            content: { port: "443", protocol: "HTTPS", status_code: "HTTP_301" },
          },
        },
      },
    ]);

    this.httpListenerArn = http.arn;

    const https = new LbListener(this, "app_listener_https", {
      count: countIf(this, props.enableSsl),
      loadBalancerArn: loadBalancer.arn,
      port: 443,
      protocol: "HTTPS",
      sslPolicy: props.sslPolicy,
      certificateArn: props.certificateArn,
      defaultAction: [{ type: "forward", targetGroupArn: targetGroup.arn }],
      lifecycle: {
        precondition: [
          {
            condition: expression(this, `split(":", ${props.certificateArn})[4] == ${props.accountId}`),
            errorMessage: `ssl_certificate_arn must be the ARN of a certificate in the account of the load balancer, ${props.accountId}, got "${props.certificateArn}". Request or import the certificate there.`,
          },
        ],
      },
    });
    this.listeners = [http, https];
  }
}
