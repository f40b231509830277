import { FORGOTTEN, IN_PLACE, NEW_REVISION } from "./changes";

/** In every state of the older stack, and not changed by a takeover. */
const UNCHANGED = [
  "aws_iam_role_policy_attachment.ecs_task_execution_role_policy",
  "aws_iam_role_policy_attachment.rds_enhanced_monitoring",
  "aws_route_table_association.private_rt_association",
  "aws_route_table_association.public_rt_association",
];

/** The frontend of newer deployments. */
export const FRONTEND = [
  "aws_cloudfront_distribution.frontend_distribution",
  "aws_s3_bucket.frontend_bucket",
  "aws_s3_bucket_policy.frontend_bucket_policy",
];

/** In some states of the older stack. */
const OPTIONAL = ["aws_lb_listener.app_listener_https", ...FRONTEND];

/** Resources that every state of the older stack has, without their index. */
export const EXPECTED: readonly string[] = [
  ...Object.keys(IN_PLACE),
  ...FORGOTTEN,
  ...NEW_REVISION,
  ...UNCHANGED,
]
  .filter((resource) => !OPTIONAL.includes(resource))
  .sort();
