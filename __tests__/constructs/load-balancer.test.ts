import { Lb } from "@cdktf/provider-aws/lib/lb";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { LbTargetGroup } from "@cdktf/provider-aws/lib/lb-target-group";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { describe, expect, it } from "vitest";
import { readHcl } from "../helpers/hcl";
import { wholeStack } from "../helpers/synth";

const stack = wholeStack();
const TARGET_GROUP_ARN = "${aws_lb_target_group.backend_tg.arn}";

describe("LoadBalancer", () => {
  it("faces the internet from the public subnets, behind its security group", () => {
    expect(stack.resource(Lb)).toMatchObject({
      load_balancer_type: "application",
      internal: false,
      subnets: "${aws_subnet.public_subnets[*].id}",
      security_groups: ["${aws_security_group.alb_sg.id}"],
    });
  });

  it("drops headers that are no headers", () => {
    expect(stack.resource(Lb).drop_invalid_header_fields).toBe(true);
  });

  it("takes deletion protection from the profile and the idle timeout from the variable", () => {
    expect(stack.resource(Lb)).toMatchObject({
      enable_deletion_protection: "${local.alb_deletion_protection}",
      idle_timeout: "${var.alb_idle_timeout}",
    });
  });

  it("writes access logs where the setting is on, and only once the bucket takes them", () => {
    expect(stack.resource(Lb).dynamic.access_logs).toEqual({
      for_each: "${local.enable_alb_access_logs ? [true] : []}",
      content: { bucket: "${one(aws_s3_bucket_policy.alb_logs_policy[*].bucket)}", enabled: true },
    });
  });

  it("lets load balancers of this account write to that bucket", () => {
    expect(readHcl(stack.resource(S3BucketPolicy, "alb_logs_policy").policy).Statement[0]).toEqual({
      Sid: "LoadBalancersWriteLogs",
      Effect: "Allow",
      Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
      Action: "s3:PutObject",
      Resource:
        "${one(aws_s3_bucket.alb_logs[*].arn)}/AWSLogs/${data.aws_caller_identity.account.account_id}/*",
    });
  });

  it("sends HTTP to the tasks, or to HTTPS where that is on", () => {
    expect(stack.resource(LbListener, "app_listener")).toMatchObject({
      load_balancer_arn: "${aws_lb.app_lb.arn}",
      port: 80,
      protocol: "HTTP",
      default_action: [
        {
          type: '${var.enable_ssl ? "redirect" : "forward"}',
          target_group_arn: "${var.enable_ssl ? null : aws_lb_target_group.backend_tg.arn}",
          dynamic: {
            redirect: {
              for_each: "${var.enable_ssl ? [true] : []}",
              content: { port: "443", protocol: "HTTPS", status_code: "HTTP_301" },
            },
          },
        },
      ],
    });
  });

  it("serves HTTPS only where it is on, with the certificate and the policy of the variables", () => {
    expect(stack.resource(LbListener, "app_listener_https")).toMatchObject({
      count: "${var.enable_ssl ? 1 : 0}",
      load_balancer_arn: "${aws_lb.app_lb.arn}",
      port: 443,
      protocol: "HTTPS",
      certificate_arn: "${var.ssl_certificate_arn}",
      ssl_policy: "${var.ssl_policy}",
      default_action: [{ type: "forward", target_group_arn: TARGET_GROUP_ARN }],
    });
  });

  it("speaks TLS 1.3 by default, and nothing below 1.2", () => {
    expect(stack.json.variable.ssl_policy.default).toBe("ELBSecurityPolicy-TLS13-1-2-2021-06");
  });

  it("forwards to tasks by their addresses", () => {
    expect(stack.resource(LbTargetGroup)).toMatchObject({
      target_type: "ip",
      protocol: "HTTP",
      port: "${var.backend_port}",
      vpc_id: "${aws_vpc.time_series_vpc.id}",
      deregistration_delay: "${var.deregistration_delay}",
    });
  });

  it("never replaces the target group for another port: the listener would hold the old one", () => {
    expect(stack.resource(LbTargetGroup).lifecycle).toEqual({ ignore_changes: ["port"] });
  });

  it("asks each task for its health on the port that it serves", () => {
    expect(stack.resource(LbTargetGroup).health_check).toEqual({
      enabled: true,
      path: "${var.health_check_path}",
      matcher: "${var.health_check_matcher}",
      interval: "${var.health_check_interval}",
      timeout: "${var.health_check_timeout}",
      healthy_threshold: 2,
      unhealthy_threshold: 2,
      port: "traffic-port",
      protocol: "HTTP",
    });
  });

  it("asks as documented by default: /api/health, every 30 seconds, 5 to answer", () => {
    expect(stack.json.variable).toMatchObject({
      health_check_path: { default: "/api/health" },
      health_check_matcher: { default: "200" },
      health_check_interval: { default: 30 },
      health_check_timeout: { default: 5 },
    });
  });
});
