import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { REQUIRED } from "../rules/corpus";
import { type Deployment, startDeployment } from "./deployment";

// The corpus in __tests__/rules runs on the variables alone. These few show that the whole stack says the same.
let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment();
  await deployment.terraform.init();
});
afterAll(() => deployment?.remove());

const plan = (variables: Record<string, unknown>) =>
  deployment.terraform.plan({ variables: { ...REQUIRED, ...variables } });

describe("the plan of the whole stack", () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ["a range", { vpc_cidr: "10.0.0.1/16" }, /vpc_cidr must be a range without host bits/],
    ["a pair", { backend_cpu: 512 }, /backend_memory must be one of .* when backend_cpu is 512/],
    [
      "a placeholder in prod",
      { environment: "prod", api_key: "change-me-api-key" },
      /api_key must be a value of your own in prod/,
    ],
    // What only AWS can tell.
    [
      "a zone that the region does not have",
      { azs: ["us-west-2a", "us-west-2f"] },
      /azs must name zones that us-west-2 has, us-west-2a, .*, got \["us-west-2a","us-west-2f"\]/,
    ],
    [
      "more subnets than the region has zones",
      {
        aws_region: "us-west-1",
        public_subnet_cidrs: ["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"],
        private_subnet_cidrs: ["10.0.10.0/24", "10.0.20.0/24", "10.0.30.0/24"],
      },
      /public_subnet_cidrs must hold at most 2 ranges, one for each zone of us-west-1, got 3/,
    ],
    [
      "a certificate of another account",
      {
        enable_ssl: true,
        ssl_certificate_arn:
          "arn:aws:acm:us-west-2:999999999999:certificate/0a1b2c3d-4e5f-6789-abcd-ef0123456789",
      },
      /ssl_certificate_arn must be the ARN of a certificate in the account of the load balancer, 123456789012/,
    ],
  ])("refuses %s", async (_what, variables, says) => {
    await expect(plan(variables)).rejects.toThrow(says);
  });

  it("does not print the line of a refused secret", async () => {
    const refused = plan({ db_password: "hunter/2-hunter" });

    await expect(refused).rejects.toThrow("db_password must hold printable ASCII characters only");
    const { stdout, stderr } = await deployment.terraform.run(["plan", "-no-color"], {
      variables: { ...REQUIRED, db_password: "hunter/2-hunter" },
      allowFailure: true,
    });
    expect(`${stdout}${stderr}`).toContain("db_password must hold");
    expect(`${stdout}${stderr}`).not.toContain("hunter/2");
  });

  it("takes the placeholders of the example in dev, with a warning that does not keep it from being shown", async () => {
    const warned = await plan({ api_key: "change-me-api-key", db_engine_version: "15.4" });

    expect(warned.diagnostics.map(({ severity }) => severity)).toEqual(["warning", "warning"]);
    const text = warned.diagnostics.map(({ detail }) => detail).join("\n");
    expect(text).toMatch(/api_key should be a value of your own/);
    expect(text).toMatch(/db_engine_version should be 15/);
    const shown = JSON.stringify(await deployment.terraform.show(warned));
    expect(shown).not.toContain("change-me-api-key");
  });
});
