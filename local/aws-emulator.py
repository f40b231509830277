"""A local AWS: moto_server 5.2.1 with the gaps filled that this stack falls into.

Usage: python aws-emulator.py [--host 127.0.0.1] [--port 0] [--stop-on-stdin-eof]

Port 0 takes a free one. The line "emulator listening on HOST:PORT" on standard output tells which.
With --stop-on-stdin-eof the server ends when its standard input closes, so it never outlives the
process that started it, however that one ends.

Every patch below only stores and returns what the client sent, or refuses and accepts what AWS does.
None adds behaviour that AWS lacks: a test that passes here must not pass because of this file.
"""

import argparse
import json
import os
import signal
import sys
import threading
import uuid
from collections import OrderedDict

from iam_enforcement import enforce_roles
from werkzeug.serving import make_server
from werkzeug.wrappers import Response


def fill_gaps_of_rds():
    """moto drops monitoring, insights and parameter sources, has one resource id, refuses adjacent windows."""
    from moto.rds import utils
    from moto.rds.models import DBInstance, DBParameterGroup

    create_instance = DBInstance.__init__

    def create(self, backend, *args, **kwargs):
        create_instance(self, backend, *args, **kwargs)
        self.dbi_resource_id = "db-" + uuid.uuid4().hex[:26].upper()
        self.monitoring_interval = kwargs.get("monitoring_interval") or 0
        self.monitoring_role_arn = kwargs.get("monitoring_role_arn")
        if kwargs.get("enable_performance_insights") is not None:
            self.performance_insights_enabled = kwargs["enable_performance_insights"]
        for name in (
            "database_insights_mode",
            "performance_insights_kms_key_id",
            "performance_insights_retention_period",
        ):
            if kwargs.get(name) is not None:
                setattr(self, name, kwargs[name])

    DBInstance.__init__ = create

    update_instance = DBInstance.update

    def modify(self, **kwargs):
        # A major version alone asks for the default minor version, and AWS never goes back to a lower one.
        wanted = kwargs.get("engine_version")
        if wanted and wanted == str(self.engine_version).split(".")[0]:
            del kwargs["engine_version"]
        update_instance(self, **kwargs)

    DBInstance.update = modify

    update_parameters = DBParameterGroup.update_parameters

    def update(self, new_parameters):
        parameters = [{**parameter, "Source": "user"} for parameter in new_parameters]
        update_parameters(self, parameters)

    DBParameterGroup.update_parameters = update

    # moto reads an overlap of 0 s as one: AWS takes a backup until 04:00 and maintenance from 04:00 on.
    seconds_of_overlap = utils.get_overlap_between_two_date_ranges
    utils.get_overlap_between_two_date_ranges = lambda *ranges: seconds_of_overlap(*ranges) or -1


def fill_gaps_of_ecs():
    """moto drops most settings of a service (capacity providers, rebalancing, exec …), and keeps no history."""
    from moto.core.responses import ActionResult
    from moto.core.utils import utcnow
    from moto.ecr.models import ecr_backends
    from moto.ecs.responses import EC2ContainerServiceResponse as Responses

    settings = {
        "availabilityZoneRebalancing": "availability_zone_rebalancing",
        "capacityProviderStrategy": "capacity_provider_strategy",
        "deploymentConfiguration": "deployment_configuration",
        "enableECSManagedTags": "enable_ecs_managed_tags",
        "enableExecuteCommand": "enable_execute_command",
        "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
    }

    def store_settings(self, service_name):
        service = self.ecs_backend._get_service(self._get_param("cluster", "default"), service_name)
        for parameter, attribute in settings.items():
            value = self._get_param(parameter)
            if value is not None:
                setattr(service, attribute, value)
        return service

    create_service, update_service = Responses.create_service, Responses.update_service

    def create(self):
        result = create_service(self)
        service = store_settings(self, self._get_param("serviceName"))
        # A service has a launch type or a capacity provider strategy, never both.
        if self._get_param("capacityProviderStrategy"):
            service.launch_type = None
            for deployment in service.deployments:
                deployment["launchType"] = None
                deployment["capacityProviderStrategy"] = service.capacity_provider_strategy
        keep_deployment(self, service)
        return result

    def update(self):
        name = self._get_param("service").split("/")[-1]
        service = self.ecs_backend._get_service(self._get_param("cluster", "default"), name)
        deployment = getattr(service, "deployment_configuration", None) or {}
        result = update_service(self)
        service = store_settings(self, name)
        # An update names only the parts that change, and moto would forget the others.
        changed = self._get_param("deploymentConfiguration") or {}
        service.deployment_configuration = {**deployment, **changed}
        if self._get_param("forceNewDeployment") or self._get_param("taskDefinition"):
            service.deployments[0]["taskDefinition"] = service.task_definition
            keep_deployment(self, service)
        return result

    Responses.create_service, Responses.update_service = create, update

    # What each deployment of a service ran, newest first: the images are those behind the tags at that time.
    history = {}

    def digest_of(self, image):
        name, _, tag = image.partition("/")[2].rpartition(":")
        repository = ecr_backends[self.current_account][self.region].repositories.get(name)
        images = repository.images if repository else []
        return next((each.get_image_digest() for each in images if tag in each.image_tags), None)

    def keep_deployment(self, service):
        definition = self.ecs_backend.describe_task_definition(service.task_definition)
        arn = f"{service.arn.replace(':service/', ':service-revision/')}/{uuid.uuid4().int >> 64}"
        containers = definition.container_definitions
        is_complete = service.deployments[0]["rolloutState"] == "COMPLETED"
        deployment = {
            "serviceDeploymentArn": arn.replace(":service-revision/", ":service-deployment/"),
            "serviceArn": service.arn,
            "targetServiceRevisionArn": arn,
            "status": "SUCCESSFUL" if is_complete else "IN_PROGRESS",
            "createdAt": utcnow(),
            "finishedAt": utcnow() if is_complete else None,
        }
        revision = {
            "serviceRevisionArn": arn,
            "taskDefinition": service.task_definition,
            "containerImages": [
                {"containerName": each["name"], "image": each["image"], "imageDigest": digest_of(self, each["image"])}
                for each in containers
            ],
        }
        history.setdefault(service.arn, []).insert(0, (deployment, revision))

    def list_deployments(self):
        service = self.ecs_backend._get_service(self._get_param("cluster"), self._get_param("service"))
        return ActionResult({"serviceDeployments": [each for each, _ in history.get(service.arn, [])]})

    def describe_revisions(self):
        arns = self._get_param("serviceRevisionArns")
        revisions = [each for kept in history.values() for _, each in kept]
        return ActionResult({"serviceRevisions": [each for each in revisions if each["serviceRevisionArn"] in arns]})

    Responses.list_service_deployments = list_deployments
    Responses.describe_service_revisions = describe_revisions


def fill_gaps_of_application_autoscaling():
    """moto has no tag calls for scalable targets (HTTP 500), and drops the tags of a registration."""
    from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse as Responses

    tags_by_arn = {}

    def list_tags(self):
        return json.dumps({"Tags": tags_by_arn.get(self._get_param("ResourceARN"), {})})

    def tag(self):
        tags_by_arn.setdefault(self._get_param("ResourceARN"), {}).update(self._get_param("Tags") or {})
        return "{}"

    def untag(self):
        for key in self._get_param("TagKeys") or []:
            tags_by_arn.get(self._get_param("ResourceARN"), {}).pop(key, None)
        return "{}"

    register_target = Responses.register_scalable_target

    def register(self):
        result = register_target(self)
        if self._get_param("Tags"):
            arn = json.loads(result)["ScalableTargetARN"]
            tags_by_arn.setdefault(arn, {}).update(self._get_param("Tags"))
        return result

    Responses.list_tags_for_resource = list_tags
    Responses.tag_resource = tag
    Responses.untag_resource = untag
    Responses.register_scalable_target = register


def fill_gaps_of_elastic_load_balancing():
    """moto deletes a load balancer although its deletion protection is on."""
    from moto.elbv2.exceptions import ELBClientError
    from moto.elbv2.models import ELBv2Backend

    delete_load_balancer = ELBv2Backend.delete_load_balancer

    def delete(self, arn):
        load_balancer = self.load_balancers.get(arn)
        if load_balancer and load_balancer.attrs.get("deletion_protection.enabled") == "true":
            raise ELBClientError(
                "OperationNotPermitted",
                f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
            )
        delete_load_balancer(self, arn)

    ELBv2Backend.delete_load_balancer = delete


def fill_gaps_of_s3():
    """moto's delete markers cannot be emptied (HTTP 500), and it applies a policy whatever its conditions say."""
    from moto.iam.access_control import IAMPolicy, PermissionResult
    from moto.s3.models import FakeBucket, FakeDeleteMarker

    FakeDeleteMarker.dispose = lambda self, *args: None

    def permission(self, action, resource):
        if self.policy is None:
            return PermissionResult.NEUTRAL
        policy = json.loads(self.policy)
        policy["Statement"] = [statement for statement in policy["Statement"] if "Condition" not in statement]
        return IAMPolicy(json.dumps(policy)).is_action_permitted(action, resource)

    FakeBucket.get_permission = permission


def fill_gaps_of_cloudfront():
    """moto drops access control, functions and header policies of a distribution, and lacks their own calls."""
    from moto.cloudfront import models, urls
    from moto.cloudfront.exceptions import CloudFrontException
    from moto.cloudfront.responses import CloudFrontResponse as Responses
    from moto.core.responses import ActionResult, EmptyResult

    def after(model, store):
        create = model.__init__

        def init(self, config):
            has_forwarded_values = bool(config.get("ForwardedValues"))
            create(self, config)
            store(self, config, has_forwarded_values)

        model.__init__ = init

    def store_origin(self, config, _):
        self.origin_access_control_id = config.get("OriginAccessControlId") or ""

    def store_certificate(self, config, _):
        self.cloud_front_default_certificate = config.get("CloudFrontDefaultCertificate") or False
        if not config.get("SSLSupportMethod"):
            self.ssl_support_method = None

    def store_behaviour(self, config, has_forwarded_values):
        if not has_forwarded_values:
            self.forwarded_values = None
        if config.get("FunctionAssociations"):
            self.function_associations = config["FunctionAssociations"]

    after(models.Origin, store_origin)
    after(models.ViewerCertificate, store_certificate)
    after(models.DefaultCacheBehaviour, store_behaviour)

    # A policy is what the client sent, under an id.
    def keep_policies(kind, path):
        policies = {}
        snake = {"CachePolicy": "cache_policy", "ResponseHeadersPolicy": "response_headers_policy"}[kind]

        def find(self):
            if self._get_param("Id") not in policies:
                raise CloudFrontException(f"NoSuch{kind}", f"The specified {kind} does not exist.")
            return policies[self._get_param("Id")]

        def answer(policy):
            return ActionResult({kind: policy, "ETag": policy["ETag"], "Location": policy["Id"]})

        def write(self, policy_id):
            policies[policy_id] = {
                "Id": policy_id,
                "ETag": models.random_id(),
                "LastModifiedTime": models.utcnow(),
                f"{kind}Config": self._get_param(f"{kind}Config"),
            }
            return answer(policies[policy_id])

        def delete(self):
            del policies[find(self)["Id"]]
            return EmptyResult()

        setattr(Responses, f"create_{snake}", lambda self: write(self, str(uuid.uuid4())))
        setattr(Responses, f"get_{snake}", lambda self: answer(find(self)))
        setattr(Responses, f"update_{snake}", lambda self: write(self, find(self)["Id"]))
        setattr(Responses, f"delete_{snake}", delete)
        urls.url_paths[f"{{0}}/2020-05-31/{path}$"] = Responses.dispatch
        urls.url_paths[f"{{0}}/2020-05-31/{path}/(?P<policy_id>[^/]+)$"] = Responses.dispatch

    keep_policies("CachePolicy", "cache-policy")
    keep_policies("ResponseHeadersPolicy", "response-headers-policy")

    # A function has two stages: an update changes DEVELOPMENT, publishing copies that to LIVE.
    functions = {}

    def find_function(self):
        stages = functions.get(self._get_param("Name"), {})
        stage = self._get_param("Stage") or "DEVELOPMENT"
        if stage not in stages:
            raise CloudFrontException("NoSuchFunctionExists", "The specified function does not exist.")
        return stages[stage]

    def summary(function):
        return {"FunctionSummary": function["Summary"], "ETag": function["ETag"]}

    def write_function(self):
        name, now = self._get_param("Name"), models.utcnow()
        functions.setdefault(name, {})["DEVELOPMENT"] = {
            "Code": self._get_param("FunctionCode"),
            "ETag": models.random_id(),
            "Summary": {
                "Name": name,
                "Status": "UNPUBLISHED",
                "FunctionConfig": self._get_param("FunctionConfig"),
                "FunctionMetadata": {
                    "FunctionARN": f"arn:aws:cloudfront::{self.current_account}:function/{name}",
                    "Stage": "DEVELOPMENT",
                    "CreatedTime": now,
                    "LastModifiedTime": now,
                },
            },
        }
        return ActionResult(summary(functions[name]["DEVELOPMENT"]))

    def publish_function(self):
        draft = find_function(self)
        metadata = {**draft["Summary"]["FunctionMetadata"], "Stage": "LIVE"}
        live = {**draft, "Summary": {**draft["Summary"], "Status": "DEPLOYED", "FunctionMetadata": metadata}}
        functions[self._get_param("Name")]["LIVE"] = live
        return ActionResult(summary(live))

    def get_function(self):
        function = find_function(self)
        return 200, {"ETag": function["ETag"], "Content-Type": "application/octet-stream"}, function["Code"]

    def delete_function(self):
        find_function(self)
        del functions[self._get_param("Name")]
        return EmptyResult()

    Responses.create_function = Responses.update_function = write_function
    Responses.describe_function = lambda self: ActionResult(summary(find_function(self)))
    Responses.publish_function = publish_function
    Responses.get_function = get_function
    Responses.delete_function = delete_function
    urls.url_paths["{0}/2020-05-31/function$"] = Responses.dispatch
    urls.url_paths["{0}/2020-05-31/function/(?P<name>[^/]+)$"] = Responses.dispatch
    urls.url_paths["{0}/2020-05-31/function/(?P<name>[^/]+)/(?P<verb>describe|publish)$"] = Responses.dispatch


def stop_on_stdin_eof():
    """End this process as soon as nobody holds the other end of its standard input."""

    def wait():
        while sys.stdin.buffer.read(4096):
            pass
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def once_and_one_at_a_time(application):
    """moto's models are plain dictionaries: one request must not change them while another walks through.

    A client that loses an answer on the way sends the request again, with the same invocation id (Terraform's
    provider does so about once in 3,000 requests on a busy machine). It gets that answer: what it wanted to
    create would exist already the second time.
    """
    lock = threading.Lock()
    answers = OrderedDict()

    def serve_one(environ, start_response):
        invocation = environ.get("HTTP_AMZ_SDK_INVOCATION_ID")
        with lock:
            answer = answers.get(invocation) or Response.from_app(application, environ, buffered=True)
            if invocation and answer.status_code < 300:
                answers[invocation] = answer
                if len(answers) > 1000:
                    answers.popitem(last=False)
        return answer(environ, start_response)

    return serve_one


def serve(host, port):
    """Serve until SIGINT or SIGTERM."""
    from moto import backends
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    # moto would read its directory twice for each request.
    modules = tuple(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: modules

    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, lambda *_: os._exit(0))
    application = DomainDispatcherApplication(create_backend_app)
    application.debug = True
    server = make_server(host, port, once_and_one_at_a_time(enforce_roles(application)), threaded=True)
    os.environ["MOTO_PORT"] = str(server.port)
    print(f"emulator listening on {host}:{server.port}", flush=True)
    server.serve_forever()


def main():
    parser = argparse.ArgumentParser(description="A local AWS for the tests and for npm run local.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--stop-on-stdin-eof", action="store_true")
    options = parser.parse_args()

    if options.stop_on_stdin_eof:
        stop_on_stdin_eof()
    fill_gaps_of_rds()
    fill_gaps_of_ecs()
    fill_gaps_of_application_autoscaling()
    fill_gaps_of_elastic_load_balancing()
    fill_gaps_of_s3()
    fill_gaps_of_cloudfront()
    serve(options.host, options.port)


if __name__ == "__main__":
    main()
