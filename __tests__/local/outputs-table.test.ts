import { expect, test } from "vitest";
import { outputsTable } from "../../local/outputs-table";

test("shows the outputs sorted by name, lists line by line", () => {
  const table = outputsTable({
    vpc_id: { value: "vpc-1", sensitive: false },
    private_subnet_ids: { value: ["subnet-1", "subnet-2"], sensitive: false },
    desired_count: { value: 2, sensitive: false },
  });

  expect(table).toBe(`┌────────────────────┬──────────┐
│ Output             │ Value    │
├────────────────────┼──────────┤
│ desired_count      │ 2        │
├────────────────────┼──────────┤
│ private_subnet_ids │ subnet-1 │
│                    │ subnet-2 │
├────────────────────┼──────────┤
│ vpc_id             │ vpc-1    │
└────────────────────┴──────────┘`);
});

test("never shows a sensitive value", () => {
  const table = outputsTable({ database_endpoint: { value: "secret.example.com", sensitive: true } });

  expect(table).toContain("(sensitive)");
  expect(table).not.toContain("secret.example.com");
});
