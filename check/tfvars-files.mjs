import { readdirSync } from "node:fs";

/**
 * The files that Terraform reads values from by itself in a directory, in its order: a later one wins.
 *
 * @param {string} directory
 * @returns {string[]}
 * @see https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
 */
export function tfvarsFiles(directory) {
  const names = readdirSync(directory);
  return [
    ...["terraform.tfvars", "terraform.tfvars.json"].filter((name) => names.includes(name)),
    ...names.filter((name) => /\.auto\.tfvars(\.json)?$/.test(name)).sort(),
  ];
}
