import { isConsequence, likelyCause, LOST } from "./causes";
import { IN_PLACE, NEW_REVISION, withoutIndex } from "./changes";
import { identitiesOf, type Kept } from "./identities";
import { actionOf, changedAttributes, managedChanges, type PlanFile, type ResourceChange } from "./plan";

/** A resource that would be lost, and why. */
export interface Loss {
  readonly address: string;
  readonly would: "be replaced" | "be destroyed" | "be made again";
  readonly cause: string;
}

/** A change in place with its reason. */
export interface InPlaceChange {
  readonly why: string;
  /** `address` with the attributes that change for that reason. */
  readonly resources: readonly { readonly address: string; readonly attributes: readonly string[] }[];
}

/** What a takeover would do. Holds no secret. */
export interface Verdict {
  /** Whether nothing is replaced, destroyed or made a second time. */
  readonly good: boolean;
  /** Causes first, then what would only follow from them. */
  readonly losses: readonly Loss[];
  readonly counts: Readonly<
    Record<"unchanged" | "changed" | "added" | "revisions" | "forgotten" | "replaced" | "destroyed", number>
  >;
  readonly kept: readonly Kept[];
  readonly inPlace: readonly InPlaceChange[];
  readonly added: readonly string[];
  /** A new revision of what cannot be changed. */
  readonly revisions: readonly string[];
  /** Leave the state and stay in AWS. */
  readonly forgotten: readonly string[];
}

/** For attributes that no takeover changes: then the values differ, or somebody changed them in AWS. */
export const NOT_OF_THE_TAKEOVER = "Your values, or changes made by hand in AWS.";

/** Builds the verdict on a plan over a state that holds `addresses`. */
export function verdictOn(plan: PlanFile, addresses: ReadonlySet<string>): Verdict {
  const changes = managedChanges(plan);
  const those = (...actions: ReturnType<typeof actionOf>[]) =>
    changes.filter((change) => actions.includes(actionOf(change)));

  const isRevision = ({ address }: ResourceChange) => NEW_REVISION.includes(withoutIndex(address));
  const isLost = ({ address, previous_address }: ResourceChange) =>
    addresses.has(previous_address ?? address);
  const [replaced, destroyed] = [those("replace").filter((change) => !isRevision(change)), those("destroy")];
  const [created, lost] = [
    those("create").filter((change) => !isLost(change)),
    those("create").filter(isLost),
  ];
  const losses: Loss[] = [
    ...destroyed.map(loss("be destroyed")),
    ...replaced.filter((change) => !isConsequence(change)).map(loss("be replaced")),
    ...lost.map(({ address }): Loss => ({ address, would: "be made again", cause: LOST })),
    ...replaced.filter(isConsequence).map(loss("be replaced")),
  ];

  const revisions = those("replace").filter(isRevision);
  const [updated, forgotten] = [those("update"), those("forget")];
  return {
    good: losses.length === 0,
    losses,
    counts: {
      unchanged: those("keep").length,
      changed: updated.length,
      added: created.length,
      revisions: revisions.length,
      forgotten: forgotten.length,
      replaced: replaced.length,
      destroyed: destroyed.length,
    },
    kept: identitiesOf(
      those("keep", "update").map(({ address, type, change }) => ({
        address,
        type,
        attributes: change.before ?? {},
      })),
    ),
    inPlace: byReason(updated),
    added: addressesOf(created),
    revisions: addressesOf(revisions),
    forgotten: addressesOf(forgotten),
  };
}

function loss(would: Loss["would"]): (change: ResourceChange) => Loss {
  return (change) => ({ address: change.address, would, cause: likelyCause(change) });
}

function byReason(updated: readonly ResourceChange[]): InPlaceChange[] {
  const groups = new Map<string, Map<string, string[]>>();
  for (const change of updated) {
    for (const attribute of changedAttributes(change)) {
      const why = reason(change.address, attribute);
      const group = groups.get(why) ?? new Map<string, string[]>();
      groups.set(why, group);
      group.set(change.address, [...(group.get(change.address) ?? []), attribute]);
    }
  }
  return [...groups].map(([why, resources]) => ({
    why,
    resources: [...resources].map(([address, attributes]) => ({ address, attributes })),
  }));
}

function reason(address: string, attribute: string): string {
  const found = IN_PLACE[withoutIndex(address)]?.[attribute];
  if (!found) return NOT_OF_THE_TAKEOVER;
  return typeof found === "string" ? found : found.why;
}

function addressesOf(changes: readonly ResourceChange[]): string[] {
  return changes.map(({ address }) => address).sort();
}
