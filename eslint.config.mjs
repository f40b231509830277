import tseslint from "typescript-eslint";

const barrel = {
  name: "@cdktf/provider-aws",
  message: "Import from @cdktf/provider-aws/lib/<resource>: the barrel loads every resource (+5 s, +1 GiB).",
};

export default tseslint.config(
  { ignores: ["node_modules/", "cdktf.out/", ".local/", "bench/.work/", "coverage/"] },
  tseslint.configs.strict,
  {
    files: ["**/*.ts"],
    rules: {
      "no-restricted-imports": ["error", { paths: [barrel] }],
      eqeqeq: "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
    },
  },
  {
    // Data flows one way: variables -> stack -> constructs -> outputs.
    files: ["src/constructs/**", "src/lib/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          paths: [
            barrel,
            {
              name: "cdktf",
              importNames: ["TerraformOutput"],
              message: "Constructs take props and expose attributes; outputs are in src/outputs.ts.",
            },
          ],
          patterns: [
            {
              group: [
                "**/variables",
                "**/variables/*",
                "**/outputs",
                "**/stack",
                "**/profiles",
                "**/backend",
              ],
              message: "Constructs do not know the stack.",
            },
          ],
        },
      ],
    },
  },
  {
    // What a pure function computes does not depend on a construct.
    files: ["src/lib/**"],
    rules: {
      "no-restricted-syntax": [
        "error",
        { selector: "ImportDeclaration[source.value=/constructs\\//]", message: "lib/ holds no constructs." },
      ],
    },
  },
  {
    // Same source, same bytes: the environment is read in main.ts alone.
    files: ["src/**"],
    rules: {
      "no-restricted-properties": [
        "error",
        { object: "process", property: "env", message: "Pass it in from main.ts." },
        { object: "Date", property: "now", message: "Two syntheses must give the same bytes." },
        { object: "Math", property: "random", message: "Two syntheses must give the same bytes." },
      ],
    },
  },
);
