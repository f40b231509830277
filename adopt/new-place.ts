import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pick } from "../local/environment";
import { createWorkspace, projectRoot } from "../local/workspace";
import { stateLocation } from "../src/backend";
import { obstacles, writeNewFiles, type NewFile } from "./destination";
import { isAbsent } from "./state";
import { STATE_FILE, VALUES_FILE } from "./trial";
import { UserTerraform } from "../local/user-terraform";

/** What this project is to get from the older one. */
export interface Handover {
  readonly state: string;
  /** `undefined` when all values are in the environment. */
  readonly tfvars: string | undefined;
}

/** Where this project keeps its state and its values. */
export interface NewPlace {
  /** What is in the way there. */
  obstacles(handover: Handover): Promise<readonly string[]>;
  /** Puts state and values there: both or none. Returns where, in words. */
  fill(handover: Handover): Promise<readonly string[]>;
  remove(): Promise<void>;
}

const SETTINGS = ["STATE_BUCKET", "STATE_KEY", "STATE_REGION"];

/** The settings of synthesis that choose the place of the state. They belong to every later command. */
export function placeSettings(environment: NodeJS.ProcessEnv): Record<string, string> {
  return pick(environment, SETTINGS);
}

/** The place that `environment` asks for: the project's root, or for the state an S3 bucket. */
export async function newPlace(environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<NewPlace> {
  const location = stateLocation(environment);
  return location.kind === "local"
    ? inProject()
    : inBucket(`s3://${location.bucket}/${location.key}`, environment, signal);
}

function inProject(): NewPlace {
  const files = ({ state, tfvars }: Handover) => [
    { file: join(projectRoot, STATE_FILE), text: state },
    ...valuesFile(tfvars),
  ];
  return {
    obstacles: (handover) => obstacles(projectRoot, files(handover)),
    fill: (handover) => writeNewFiles(files(handover)),
    remove: async () => undefined,
  };
}

/** Terraform itself reaches the bucket, from a directory of its own that is synthesized for it. */
async function inBucket(
  place: string,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<NewPlace> {
  const workspace = await createWorkspace({
    synthEnvironment: placeSettings(environment),
    forEmulator: false,
    signal,
  });
  const terraform = new UserTerraform({ directory: workspace.stackDirectory, signal });
  return {
    obstacles: async ({ tfvars }) => {
      await terraform.init();
      const { stdout } = await terraform.run(["state", "pull"]);
      const found = await obstacles(projectRoot, valuesFile(tfvars));
      if (isAbsent(stdout)) return found;
      return [
        `${place} holds a state already, and nothing is overwritten: choose another place with STATE_KEY. ` +
          "If that is the state of the older project, leave it there as your way back",
        ...found,
      ];
    },
    fill: async ({ state, tfvars }) => {
      const file = join(workspace.directory, STATE_FILE);
      await writeFile(file, state, { mode: 0o600 });
      return writeNewFiles(valuesFile(tfvars), async () => {
        await terraform.run(["state", "push", file]);
        return place;
      });
    },
    remove: () => workspace.remove(),
  };
}

function valuesFile(tfvars: string | undefined): NewFile[] {
  return tfvars === undefined ? [] : [{ file: join(projectRoot, VALUES_FILE), text: tfvars }];
}
