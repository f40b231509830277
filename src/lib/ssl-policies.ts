/**
 * Regular expression (RE2) for the security policies of an Application Load Balancer. AWS adds some every few
 * years: those are known by how they are named.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
 */
export const SSL_POLICY = `ELBSecurityPolicy-(${[
  "2016-08",
  "2015-05",
  "TLS-1-0-2015-04",
  "TLS-1-1-2017-01",
  "TLS-1-2-2017-01",
  "TLS-1-2-Ext-2018-06",
  "FS-2018-06",
  "FS-1-1-2019-08",
  "FS-1-2-2019-08",
  "FS-1-2-Res-2019-08",
  "FS-1-2-Res-2020-10",
  "TLS13-1-[0-3]-2021-06",
  "TLS13-1-2-(Res|Ext1|Ext2)-2021-06",
  "TLS13-1-[0-3]-FIPS-2023-04",
  "TLS13-1-2-(Res|Ext0|Ext1|Ext2)-FIPS-2023-04",
  "TLS13-1-[0-3](-(Res|Ext[0-2]))?(-FIPS)?(-PQ)?-(202[5-9]|20[3-9][0-9])-(0[1-9]|1[0-2])",
].join("|")})`;
