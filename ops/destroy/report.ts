import type { Destroyed, Target } from "./destroy";
import type { Inventory, Survivor } from "./inventory";

/** What will happen, before anything does. */
export function describeInventory({ appName, account, region }: Target, inventory: Inventory): string {
  const { resources, lost, stays, protections } = inventory;
  return [
    `${appName} in ${region}, account ${account}: ${resources} resources will be destroyed.`,
    ...section("Lost for good", lost),
    ...describeStaying(stays),
    ...section(
      "Protections that are taken off first",
      protections.map(({ what }) => what),
    ),
    "",
  ].join("\n");
}

/** What has happened. */
export function describeDestroyed({ target, inventory, remains }: Destroyed): string {
  const { leftovers, survivors } = remains;
  return [
    inventory ? `${target.appName} is destroyed.` : `The state holds nothing of ${target.appName}.`,
    ...(leftovers.length === 0
      ? ["AWS has nothing of it that bills by the hour."]
      : section(
          "AWS still has, although it should be gone",
          leftovers.map(({ address, id, bills }) => `${address}: ${id}${bills ? ", billed every hour" : ""}`),
        )),
    ...describeStaying(survivors),
  ].join("\n");
}

/** What outlives the stack, as lines. */
export function describeStaying(survivors: readonly Survivor[]): string[] {
  return section(
    "What stays",
    survivors.map(({ what, meaning }) => `${what}: ${meaning}`),
  );
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`\n${title}:`, ...lines.map((line) => `  - ${line}`)];
}
