import { expect, test } from "vitest";
import { keptRunGuide } from "../../local/guide";

test("the guide to a kept run can be pasted into a shell", () => {
  const lines = keptRunGuide("/home/it's me/stack", {
    AWS_ENDPOINT_URL: "http://127.0.0.1:5000",
    NAME: "$(rm)",
  }).split("\n");

  expect(lines).toContain("export AWS_ENDPOINT_URL=http://127.0.0.1:5000");
  expect(lines).toContain("export NAME='$(rm)'");
  expect(lines).toContain(`cd '/home/it'\\''s me/stack'`);
  expect(lines.at(-1)).toContain("npm run local:down");
});
