/**
 * What a takeover of a public bucket asks of AWS, in the only order in which the distribution that is
 * deployed may read at every moment: it signs first, then the policy lets it alone read, then the rest closes.
 */
export function closingSteps(bucket: string, distributionId: string): string[] {
  return [
    "POST /2020-05-31/origin-access-control",
    `PUT /2020-05-31/distribution/${distributionId}/config`,
    `PUT /${bucket}?policy`,
    `PUT /${bucket}?publicAccessBlock`,
    `PUT /${bucket}?ownershipControls`,
  ];
}
