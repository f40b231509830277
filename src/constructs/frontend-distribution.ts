import { CloudfrontCachePolicy } from "@cdktf/provider-aws/lib/cloudfront-cache-policy";
import { CloudfrontDistribution } from "@cdktf/provider-aws/lib/cloudfront-distribution";
import { CloudfrontFunction } from "@cdktf/provider-aws/lib/cloudfront-function";
import { CloudfrontOriginAccessControl } from "@cdktf/provider-aws/lib/cloudfront-origin-access-control";
import { CloudfrontResponseHeadersPolicy } from "@cdktf/provider-aws/lib/cloudfront-response-headers-policy";
import { type IResolvable, type ITerraformDependable, type TerraformResourceLifecycle, Token } from "cdktf";
import { Construct } from "constructs";
import { countIf, expression, optionalAttribute } from "../lib/expression";
import { KEEP_ASSETS, NAME_CLIENT, SERVE_PAGES } from "../lib/frontend-functions";
import type { AccessLogsBucket } from "./access-logs-bucket";
import type { FrontendBucket } from "./frontend-bucket";

export interface FrontendDistributionProps {
  readonly appName: string;
  /** Prefix of the names, unique in the account. */
  readonly name: string;
  readonly enabled: IResolvable;
  readonly bucket: FrontendBucket;
  /** Where requests for `/api/*` go. */
  readonly api: {
    readonly domainName: string;
    /** `http-only` or `https-only`. */
    readonly protocolPolicy: string;
    /** Header that tells the load balancer who asks. */
    readonly header: { readonly name: string; readonly value: string };
  };
  /** Name to serve under, beside the distribution's own; empty for none. */
  readonly domainName: string;
  /** ARN of a certificate in us-east-1 for `domainName`; empty for none. */
  readonly certificateArn: string;
  readonly enableAccessLogs: IResolvable;
  readonly accessLogs: AccessLogsBucket;
  readonly precondition: TerraformResourceLifecycle["precondition"];
  readonly dependsOn: ITerraformDependable[];
}

/**
 * Policies that AWS offers to everybody, by their fixed ids.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html
 */
const CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6";
const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
const ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3";
const SECURITY_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03";

/** Where builds put files with a hash in their name: Vite and create-react-app. */
const ASSET_PATHS = ["/assets/*", "/static/*"];

const YEAR_SECONDS = 31536000;

/**
 * Errors that CloudFront keeps for 10 seconds unless told otherwise, whatever the cache policy says.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
 */
const CACHED_ERRORS = [404, 414, 500, 501, 502, 503, 504];

/**
 * Safe for any application: no frames around it, no plugins, no other base address, nothing fetched
 * without TLS. What scripts and styles may come from only the application knows: it adds that in a `meta`
 * tag, and both hold.
 */
const CONTENT_SECURITY_POLICY =
  "frame-ancestors 'none'; object-src 'none'; base-uri 'self'; upgrade-insecure-requests";

/** CloudFront in front of two origins: the bucket with the frontend, and the load balancer for `/api/*`. */
export class FrontendDistribution extends Construct {
  public readonly distributionId: string;
  public readonly arn: string;
  public readonly distributionDomainName: string;

  constructor(scope: Construct, id: string, props: FrontendDistributionProps) {
    super(scope, id);
    const { appName, name, bucket, api, domainName } = props;
    const count = countIf(this, props.enabled);

    const accessControl = new CloudfrontOriginAccessControl(this, "frontend_access", {
      count,
      name,
      description: `${appName} frontend: CloudFront signs what it asks the bucket`,
      originAccessControlOriginType: "s3",
      signingBehavior: "always",
      signingProtocol: "sigv4",
    });
    const servePages = new CloudfrontFunction(this, "frontend_pages", {
      count,
      name: `${name}-pages`,
      comment: "Pages of the application are index.html",
      runtime: "cloudfront-js-2.0",
      code: SERVE_PAGES,
      publish: true,
    });
    const keepAssets = new CloudfrontFunction(this, "frontend_assets", {
      count,
      name: `${name}-assets`,
      comment: "Browsers keep files with a hash in their name",
      runtime: "cloudfront-js-2.0",
      code: KEEP_ASSETS,
      publish: true,
    });
    const nameClient = new CloudfrontFunction(this, "frontend_client", {
      count,
      name: `${name}-client`,
      comment: "The load balancer learns who the client is",
      runtime: "cloudfront-js-2.0",
      code: NAME_CLIENT,
      publish: true,
    });
    // Ask the bucket each time whether the file is still the same. CachingDisabled would do that too,
    // but CloudFront compresses only what it may cache.
    const revalidate = new CloudfrontCachePolicy(this, "frontend_revalidate", {
      count,
      name: `${name}-revalidate`,
      comment: "Compressed, and asked for anew unless the file says otherwise",
      minTtl: 0,
      defaultTtl: 0,
      maxTtl: YEAR_SECONDS,
      parametersInCacheKeyAndForwardedToOrigin: {
        enableAcceptEncodingBrotli: true,
        enableAcceptEncodingGzip: true,
        cookiesConfig: { cookieBehavior: "none" },
        headersConfig: { headerBehavior: "none" },
        queryStringsConfig: { queryStringBehavior: "none" },
      },
    });
    const pageHeaders = this.headers("frontend_page_headers", `${name}-pages`, count, {
      items: [{ header: "Cache-Control", value: "no-cache", override: true }],
    });
    const assetHeaders = this.headers("frontend_asset_headers", `${name}-assets`, count);

    const fromBucket = {
      targetOriginId: "bucket",
      viewerProtocolPolicy: "redirect-to-https",
      allowedMethods: ["GET", "HEAD"],
      cachedMethods: ["GET", "HEAD"],
      compress: true,
    };
    const functionArn = (resource: CloudfrontFunction) => optionalAttribute(resource, "arn");
    const has = (text: string, then: string, otherwise: string) =>
      expression(this, `${text} != "" ? ${then} : ${otherwise}`);

    const distribution = new CloudfrontDistribution(this, "frontend_distribution", {
      count,
      comment: "CloudFront distribution for Time Series Analyzer frontend",
      enabled: true,
      isIpv6Enabled: true,
      httpVersion: "http2and3",
      defaultRootObject: "index.html",
      aliases: Token.asList(has(domainName, `[${domainName}]`, "[]")),
      // Whoever waits for this distribution waits until every edge has the change.
      waitForDeployment: true,
      origin: [
        {
          originId: "bucket",
          domainName: bucket.regionalDomainName,
          originAccessControlId: optionalAttribute(accessControl, "id"),
        },
        {
          originId: "api",
          domainName: api.domainName,
          customHeader: [api.header],
          customOriginConfig: {
            httpPort: 80,
            httpsPort: 443,
            originProtocolPolicy: api.protocolPolicy,
            originSslProtocols: ["TLSv1.2"],
            // Seconds for an answer: as many as AWS grants without asking.
            originReadTimeout: 60,
          },
        },
      ],
      defaultCacheBehavior: {
        ...fromBucket,
        cachePolicyId: optionalAttribute(revalidate, "id"),
        responseHeadersPolicyId: optionalAttribute(pageHeaders, "id"),
        functionAssociation: [{ eventType: "viewer-request", functionArn: functionArn(servePages) }],
      },
      orderedCacheBehavior: [
        {
          pathPattern: "/api/*",
          targetOriginId: "api",
          viewerProtocolPolicy: "redirect-to-https",
          allowedMethods: ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
          cachedMethods: ["GET", "HEAD"],
          compress: true,
          cachePolicyId: CACHING_DISABLED,
          // With the host too: the API builds its redirects from it.
          originRequestPolicyId: ALL_VIEWER,
          responseHeadersPolicyId: SECURITY_HEADERS,
          functionAssociation: [{ eventType: "viewer-request", functionArn: functionArn(nameClient) }],
        },
        ...ASSET_PATHS.map((pathPattern) => ({
          pathPattern,
          ...fromBucket,
          cachePolicyId: CACHING_OPTIMIZED,
          responseHeadersPolicyId: optionalAttribute(assetHeaders, "id"),
          functionAssociation: [{ eventType: "viewer-response", functionArn: functionArn(keepAssets) }],
        })),
      ],
      // No other page and no other code: an error reaches the client as it is, and the next request asks anew.
      customErrorResponse: CACHED_ERRORS.map((errorCode) => ({ errorCode, errorCachingMinTtl: 0 })),
      viewerCertificate: {
        cloudfrontDefaultCertificate: has(domainName, "null", "true"),
        acmCertificateArn: Token.asString(has(domainName, props.certificateArn, "null")),
        sslSupportMethod: Token.asString(has(domainName, '"sni-only"', "null")),
        // CloudFront decides for its own certificate, and says TLSv1 whatever it is told.
        minimumProtocolVersion: Token.asString(has(domainName, '"TLSv1.2_2021"', '"TLSv1"')),
      },
      restrictions: { geoRestriction: { restrictionType: "none" } },
      tags: { Name: `${appName} Frontend CloudFront Distribution` },
      lifecycle: { precondition: props.precondition },
      dependsOn: props.dependsOn,
    });
    distribution.addOverride("dynamic.logging_config", {
      for_each: expression(this, `${Token.asString(props.enableAccessLogs)} ? [true] : []`),
      content: { bucket: `${props.accessLogs.readyBucketName}.s3.amazonaws.com` },
    });
    this.distributionId = optionalAttribute(distribution, "id");
    this.arn = optionalAttribute(distribution, "arn");
    this.distributionDomainName = optionalAttribute(distribution, "domain_name");
  }

  /** Headers that every answer from the bucket gets. */
  private headers(
    id: string,
    name: string,
    count: number,
    customHeadersConfig?: CloudfrontResponseHeadersPolicy["customHeadersConfigInput"],
  ): CloudfrontResponseHeadersPolicy {
    return new CloudfrontResponseHeadersPolicy(this, id, {
      count,
      name,
      securityHeadersConfig: {
        strictTransportSecurity: { accessControlMaxAgeSec: YEAR_SECONDS, override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: "DENY", override: true },
        referrerPolicy: { referrerPolicy: "strict-origin-when-cross-origin", override: true },
        contentSecurityPolicy: { contentSecurityPolicy: CONTENT_SECURITY_POLICY, override: true },
      },
      ...(customHeadersConfig && { customHeadersConfig }),
    });
  }
}
