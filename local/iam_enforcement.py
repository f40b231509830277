"""What a role may do: requests with a role's credentials are held to its policies, as IAM would.

moto's own enforcement knows no resources, no conditions, and not every request of S3 and CloudFront. This
one reads requests by AWS's models of them (botocore's), works out actions, resources and conditions, and
judges them by the policies of the role. Other credentials are taken for those of an administrator.

Not judged: signatures, the policies of buckets and topics, and who signed the token of
AssumeRoleWithWebIdentity. Its claims are judged by the role's trust policy.
"""

import base64
import functools
import io
import json
import re
from urllib.parse import parse_qsl, unquote

from botocore.session import get_session

ACCOUNT = "123456789012"

# The services whose requests are told by method and address.
REST = ("s3", "cloudfront")

# IAM's names of services, where requests are signed for another name.
PREFIXES = {"monitoring": "cloudwatch", "tagging": "tag"}

# IAM's names of what an operation does, where they differ.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
ACTIONS = {
    "s3:DeleteBucketEncryption": ["s3:PutEncryptionConfiguration"],
    "s3:DeleteBucketLifecycle": ["s3:PutLifecycleConfiguration"],
    "s3:DeleteBucketOwnershipControls": ["s3:PutBucketOwnershipControls"],
    "s3:DeleteBucketTagging": ["s3:PutBucketTagging"],
    "s3:DeleteObjects": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
    "s3:DeletePublicAccessBlock": ["s3:PutBucketPublicAccessBlock"],
    "s3:GetBucketAccelerateConfiguration": ["s3:GetAccelerateConfiguration"],
    "s3:GetBucketCors": ["s3:GetBucketCORS"],
    "s3:GetBucketEncryption": ["s3:GetEncryptionConfiguration"],
    "s3:GetBucketLifecycle": ["s3:GetLifecycleConfiguration"],
    "s3:GetBucketReplication": ["s3:GetReplicationConfiguration"],
    "s3:GetObjectLockConfiguration": ["s3:GetBucketObjectLockConfiguration"],
    "s3:GetPublicAccessBlock": ["s3:GetBucketPublicAccessBlock"],
    "s3:HeadBucket": ["s3:ListBucket"],
    "s3:HeadObject": ["s3:GetObject"],
    "s3:ListBuckets": ["s3:ListAllMyBuckets"],
    "s3:ListObjects": ["s3:ListBucket"],
    "s3:ListObjectsV2": ["s3:ListBucket"],
    "s3:ListObjectVersions": ["s3:ListBucketVersions"],
    "s3:PutBucketEncryption": ["s3:PutEncryptionConfiguration"],
    "s3:PutBucketLifecycle": ["s3:PutLifecycleConfiguration"],
    "s3:PutPublicAccessBlock": ["s3:PutBucketPublicAccessBlock"],
    "cloudfront:CreateDistributionWithTags": ["cloudfront:CreateDistribution", "cloudfront:TagResource"],
}

# What a request with tags needs besides.
TAGGING = {
    "application-autoscaling": "TagResource",
    "cloudwatch": "TagResource",
    "ec2": "CreateTags",
    "ecr": "TagResource",
    "ecs": "TagResource",
    "elasticloadbalancing": "AddTags",
    "iam": "TagRole",
    "logs": "TagResource",
    "rds": "AddTagsToResource",
    "secretsmanager": "TagResource",
    "sns": "TagResource",
    "wafv2": "TagResource",
}

# Whom a service passes a role on to.
PASSED_TO = {
    "ec2": "vpc-flow-logs.amazonaws.com",
    "ecs": "ecs-tasks.amazonaws.com",
    "rds": "monitoring.rds.amazonaws.com",
}


class Denied(Exception):
    """The role may not do this."""


def enforce_roles(application):
    """Wraps moto's WSGI application."""

    def serve(environ, start_response):
        request = Request(environ)
        try:
            if request.asks_for_role:
                judge_trust(request)
            elif role := role_of(request):
                judge(request, role)
        except Denied as denied:
            start_response("403 Forbidden", [("Content-Type", request.error_type)])
            return [request.error(str(denied)).encode()]
        return application(environ, start_response)

    return serve


class Request:
    """A request as IAM sees it."""

    def __init__(self, environ):
        self.environ = environ
        self.method = environ["REQUEST_METHOD"]
        self.path = environ.get("RAW_URI", environ["PATH_INFO"]).split("?")[0]
        self.query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
        scope = re.search(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
        self.access_key, self.region, self.service = scope.groups() if scope else (None, "us-east-1", "sts")
        self.prefix = PREFIXES.get(self.service, self.service)

    @functools.cached_property
    def body(self):
        body = self.environ["wsgi.input"].read(int(self.environ.get("CONTENT_LENGTH") or 0))
        self.environ["wsgi.input"] = io.BytesIO(body)
        return body.decode(errors="replace")

    @property
    def asks_for_role(self):
        return self.access_key is None and self.method == "POST" and "WebIdentity" in self.body

    @functools.cached_property
    def target(self):
        return self.environ.get("HTTP_X_AMZ_TARGET")

    @property
    def rest(self):
        return rest_operation(self.service, self.method, self.path, frozenset(self.query))

    @functools.cached_property
    def parameters(self):
        """Names and values, as the protocol of the service sends them."""
        if self.service in REST:
            return {**self.query, **self.rest[1]}
        if self.target:
            return json.loads(self.body or "{}")
        return {**self.query, **dict(parse_qsl(self.body, keep_blank_values=True))}

    @functools.cached_property
    def operation(self):
        if self.service in REST:
            return self.rest[0]
        return self.target.split(".")[-1] if self.target else self.parameters["Action"]

    @property
    def has_tags(self):
        pattern = re.compile(r"tag(s|list|specification)\b", re.I)
        return any(pattern.match(name) and value for name, value in self.parameters.items())

    def values(self, pattern):
        """The values of all parameters whose name matches, as a flat list of texts."""
        found = []
        for name, value in self.parameters.items():
            if re.fullmatch(pattern, name):
                found += value if isinstance(value, list) else [value]
        return [value for value in found if isinstance(value, str)]

    @property
    def error_type(self):
        return "application/x-amz-json-1.1" if self.target else "text/xml"

    def error(self, message):
        """What AWS answers, in the form of the service."""
        if self.target:
            return json.dumps({"__type": "AccessDeniedException", "message": message})
        code = "UnauthorizedOperation" if self.service == "ec2" else "AccessDenied"
        error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        if self.service == "s3":
            return error
        if self.service == "ec2":
            return f"<Response><Errors>{error}</Errors></Response>"
        return f"<ErrorResponse>{error}</ErrorResponse>"


@functools.cache
def rest_operation(service, method, path, query):
    """The operation whose address is the closest, and what stands in the path."""
    best = (-1, None, {})
    model = get_session().get_service_model(service)
    for name in model.operation_names:
        operation = model.operation_model(name)
        address, _, fixed = operation.http["requestUri"].partition("?")
        pattern = re.sub(r"\{(\w+)\+\}", r"(?P<\1>.+)", address)
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)
        match = re.fullmatch(pattern, path.rstrip("/") or "/")
        fixed_names = {part.split("=")[0] for part in fixed.split("&") if part}
        if operation.http["method"] != method or not match or not fixed_names <= query:
            continue
        # Uploads of parts and copies have the address of a plain object: the plain one comes last.
        rank = (len(fixed_names), name in ("PutObject", "GetObject", "DeleteObject", "ListBuckets"))
        if best[1] is None or rank > best[0]:
            best = (rank, name, {key: unquote(value) for key, value in match.groupdict().items()})
    return best[1:]


def role_of(request):
    """The role whose credentials these are, or None."""
    from moto.iam.models import iam_backends
    from moto.sts.models import sts_backends

    session = sts_backends[ACCOUNT]["aws"].get_assumed_role_from_access_key(request.access_key)
    if session is None:
        return None
    if request.environ.get("HTTP_X_AMZ_SECURITY_TOKEN") != session.session_token:
        raise Denied("The security token included in the request is invalid.")
    return iam_backends[ACCOUNT]["aws"].get_role_by_arn(session.role_arn)


def policies_of(role):
    versions = [version for policy in role.managed_policies.values() for version in policy.versions]
    documents = [*role.policies.values(), *(version.document for version in versions if version.is_default)]
    return [statement for document in documents for statement in statements_of(document)]


@functools.cache
def statements_of(document):
    return json.loads(document)["Statement"]


def judge(request, role):
    """Raises Denied when the policies of the role do not allow everything that the request does."""
    statements = policies_of(role)
    for action, resource, facts in questions(request):
        facts = {"aws:RequestedRegion": request.region, "aws:SecureTransport": "true", **facts}
        applying = [each for each in statements if applies(each, action, resource, facts)]
        if any(each["Effect"] == "Deny" for each in applying):
            reason = "with an explicit deny in an identity-based policy"
        elif not any(each["Effect"] == "Allow" for each in applying):
            reason = "because no identity-based policy allows the action"
        else:
            continue
        message = f"{role.arn} is not authorized to perform: {action} on resource: {resource} {reason}"
        print(f"denied: {message}", flush=True)
        raise Denied(message)


def judge_trust(request):
    """Raises Denied when the trust policy of the role does not accept the claims of the token."""
    from moto.iam.models import iam_backends

    iam = iam_backends[ACCOUNT]["aws"]
    role = iam.get_role_by_arn(request.parameters["RoleArn"])
    claims = request.parameters["WebIdentityToken"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    issuer = claims["iss"].removeprefix("https://")
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"
    facts = {f"{issuer}:{name}": value for name, value in claims.items()}
    for statement in statements_of(role.assume_role_policy_document):
        if (
            statement["Principal"].get("Federated") == provider
            and provider in iam.open_id_providers
            and applies({**statement, "Resource": "*"}, "sts:AssumeRoleWithWebIdentity", role.arn, facts)
        ):
            return
    raise Denied("Not authorized to perform sts:AssumeRoleWithWebIdentity")


def questions(request):
    """What IAM is asked about a request: actions, each with a resource and with facts for conditions."""
    name = f"{request.prefix}:{request.operation}"
    if name == "sts:GetCallerIdentity":
        return
    actions = list(ACTIONS.get(name, [name]))
    creates = re.match("Create|Register|Put|Allocate", request.operation)
    if creates and request.prefix in TAGGING and request.has_tags:
        actions.append(f"{request.prefix}:{TAGGING[request.prefix]}")
    facts = {
        "iam:AWSServiceName": request.parameters.get("AWSServiceName"),
        "iam:PolicyARN": request.parameters.get("PolicyArn"),
        "s3:prefix": request.parameters.get("prefix", "") if request.prefix == "s3" else None,
    }
    for action in actions:
        for resource in resources(request) or ["*"]:
            yield action, resource, {**facts, **resource_tags(resource)}
    if request.prefix in PASSED_TO:
        for role in passed_roles(request):
            yield "iam:PassRole", role, {"iam:PassedToService": PASSED_TO[request.prefix]}


def passed_roles(request):
    return request.values(r"executionRoleArn|taskRoleArn|DeliverLogsPermissionArn|MonitoringRoleArn")


def resource_tags(resource):
    """Tags of a resource of EC2. Those of other services have names, and the policies go by these."""
    from moto.ec2.models import ec2_backends

    _, _, service, region, *_, identifier = re.split("[:/]", resource) if resource != "*" else [""] * 6
    if service != "ec2":
        return {}
    tags = ec2_backends[ACCOUNT][region].tags.get(identifier, {})
    return {f"aws:ResourceTag/{key}": value for key, value in tags.items()}


def resources(request):
    """ARNs of what a request works on. None where IAM knows no resource, or where this has no rule for it."""
    values = request.values

    def arns(pattern, kind, region=request.region, suffix=""):
        start = f"arn:aws:{request.prefix}:{region}:{ACCOUNT}:"
        return [
            value if value.startswith("arn:") else f"{start}{kind}{value}{suffix}" for value in values(pattern)
        ]

    kinds = "LoadBalancer|TargetGroup|Listener|Rule|Topic|Subscription|WebACL"
    given = values(rf"(?i)resourcearns?(\.member\.\d+)?|ResourceName|({kinds})Arn")
    given = [value for value in given if value.startswith("arn:")]
    match request.prefix:
        case "s3":
            bucket, key = request.parameters.get("Bucket"), request.parameters.get("Key")
            return [f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}"] if bucket else []
        case "ec2":
            ids = {value for value in request.parameters.values() if re.fullmatch(r"[a-z]+-[0-9a-f]{8,17}", value)}
            return [f"arn:aws:ec2:{request.region}:{ACCOUNT}:any/{each}" for each in sorted(ids)]
        case "ecs":
            if request.operation.endswith("TaskDefinition"):
                return arns("family", "task-definition/", suffix=":*")
            cluster = (values("cluster") or ["default"])[0].split("/")[-1]
            services = arns("service|serviceName|services", f"service/{cluster}/")
            return given or services or arns("cluster|clusterName|clusters", "cluster/")
        case "ecr":
            return given or arns("repositoryName|repositoryNames", "repository/")
        case "rds":
            return (
                given
                + arns("DBInstanceIdentifier", "db:")
                + arns("DBSubnetGroupName", "subgrp:")
                + arns("DBParameterGroupName", "pg:")
                + arns("FinalDBSnapshotIdentifier", "snapshot:")
            )
        case "elasticloadbalancing":
            kind = {"CreateLoadBalancer": "loadbalancer/app/", "CreateTargetGroup": "targetgroup/"}
            return given or arns("Name", kind.get(request.operation, ""), suffix="/0123456789abcdef")
        case "secretsmanager":
            return arns("SecretId|Name", "secret:", suffix="-AbCdEf")
        case "logs":
            return given or arns("logGroupName", "log-group:")
        case "cloudwatch":
            dashboards = arns(r"DashboardNames?(\.member\.\d+)?", "dashboard/", region="")
            return given + dashboards + arns(r"ResourceARN|AlarmNames?(\.member\.\d+)?", "alarm:")
        case "sns":
            return given or arns("Name", "")
        case "application-autoscaling":
            # Asked for by service and dimension, known to IAM by a random id.
            return given or [f"arn:aws:{request.prefix}:{request.region}:{ACCOUNT}:scalable-target/0a1b2c3d"]
        case "iam":
            return arns("RoleName", "role/", region="")
        case "cloudfront":
            return cloudfront_resources(request)
        case "wafv2":
            if logging := request.parameters.get("LoggingConfiguration"):
                return [logging["ResourceArn"]]
            return given or arns("Name", "regional/webacl/", suffix="/" + request.parameters.get("Id", "0123"))
    return []


def cloudfront_resources(request):
    if "Resource" in request.parameters:
        # moto leaves out the empty region.
        return [request.parameters["Resource"].replace(f"cloudfront:{ACCOUNT}", f"cloudfront::{ACCOUNT}")]
    kind = request.path.removeprefix("/2020-05-31/").split("/")[0]
    name = request.parameters.get("Id") or request.parameters.get("Name")
    if name is None and (match := re.search("<Name>(.*?)</Name>", request.body)):
        name = match[1]
    return [f"arn:aws:cloudfront::{ACCOUNT}:{kind}/{name or 'ABCDEF'}"]


def applies(statement, action, resource, facts):
    """Whether a statement speaks about this action on this resource under these facts."""
    return (
        matches_element(statement, "Action", action.lower(), str.lower)
        and matches_element(statement, "Resource", resource, str)
        and all(
            holds(operator, facts.get(key), wanted)
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def matches_element(statement, name, value, normalize):
    if f"Not{name}" in statement:
        return not any(matches(normalize(each), value) for each in listed(statement[f"Not{name}"]))
    return any(matches(normalize(each), value) for each in listed(statement[name]))


def holds(operator, actual, wanted):
    """Whether a condition holds. A fact that is not there satisfies negations and ...IfExists alone."""
    plain = operator.removesuffix("IfExists")
    negated = "Not" in plain
    if actual is None:
        return negated or plain != operator
    equal = plain.replace("Not", "") in ("StringEquals", "Bool")
    if not equal and plain.replace("Not", "") not in ("StringLike", "ArnLike", "ArnEquals"):
        raise NotImplementedError(f"the emulator does not know the condition {operator}")
    return negated != any(actual == each if equal else matches(each, actual) for each in listed(wanted))


@functools.cache
def pattern_of(text):
    return re.compile(re.escape(text).replace(r"\*", ".*").replace(r"\?", "."), re.S)


def matches(pattern, value):
    return pattern_of(pattern).fullmatch(value) is not None


def listed(value):
    return value if isinstance(value, list) else [value]
