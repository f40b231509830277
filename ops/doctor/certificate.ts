import { ACMClient, type CertificateDetail, DescribeCertificateCommand } from "@aws-sdk/client-acm";
import { awsClient } from "../aws-client";
import { askAws, type Subject } from "./asking-aws";
import type { CheckResult } from "./check-result";

const DAY_MS = 86_400_000;

/** Days before the end of a certificate at which ACM should long have renewed it. */
const SOON_DAYS = 30;

/** Whether the certificates that the stack uses are issued. */
export async function checkCertificates(subject: Subject): Promise<readonly CheckResult[]> {
  const { values } = subject;
  const results = await Promise.all([
    values.enable_ssl
      ? checkCertificate("certificate", values.ssl_certificate_arn, subject)
      : [
          {
            name: "certificate",
            status: "skipped",
            detail: "enable_ssl is false: clients reach the load balancer without encryption.",
          } satisfies CheckResult,
        ],
    values.enable_frontend_hosting && values.frontend_certificate_arn !== ""
      ? checkCertificate("frontend certificate", values.frontend_certificate_arn, subject)
      : [],
  ]);
  return results.flat();
}

async function checkCertificate(
  name: string,
  arn: string,
  subject: Subject,
): Promise<readonly CheckResult[]> {
  const [, , service, region = ""] = arn.split(":");
  // A wrong ARN and another region are what `check` speaks of.
  if (service !== "acm") return [{ name, status: "skipped", detail: `${arn} is not one of ACM's.` }];
  return askAws(name, subject, async () => {
    try {
      const { Certificate } = await awsClient(ACMClient, region).send(
        new DescribeCertificateCommand({ CertificateArn: arn }),
        { abortSignal: subject.signal },
      );
      return judge(name, Certificate ?? {}, region);
    } catch (error) {
      if ((error as Error).name !== "ResourceNotFoundException") throw error;
      return {
        name,
        status: "problem",
        detail: `${arn} does not exist in this account.`,
        remedy: `List what there is: aws acm list-certificates --region ${region}`,
      };
    }
  });
}

function judge(name: string, certificate: CertificateDetail, region: string): CheckResult {
  const { Status = "unknown", DomainName = "", NotAfter, DomainValidationOptions = [] } = certificate;
  if (Status === "PENDING_VALIDATION") {
    const records = DomainValidationOptions.flatMap(({ ResourceRecord }) =>
      ResourceRecord ? [`${ResourceRecord.Name} ${ResourceRecord.Type} ${ResourceRecord.Value}`] : [],
    );
    return {
      name,
      status: "problem",
      detail: `The one for ${DomainName} waits for its validation.`,
      remedy:
        records.length > 0
          ? `Add to the DNS of the domain:\n${records.join("\n")}`
          : "Follow the link in the mail that AWS sent to the owner of the domain.",
    };
  }
  if (Status !== "ISSUED") {
    return {
      name,
      status: "problem",
      detail: `The one for ${DomainName} is ${Status}.`,
      remedy: "Request another one and set its ARN.",
    };
  }
  const days = NotAfter ? Math.floor((NotAfter.getTime() - Date.now()) / DAY_MS) : Infinity;
  if (days < SOON_DAYS) {
    return {
      name,
      status: "warning",
      detail: `The one for ${DomainName} ends in ${days} days, and should have been renewed by now.`,
      remedy: `See why: aws acm describe-certificate --region ${region} --certificate-arn ${certificate.CertificateArn}`,
    };
  }
  return { name, status: "ok", detail: `The one for ${DomainName} is issued, in ${region}.` };
}
