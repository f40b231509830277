import Table from "cli-table3";
import { shortDigest } from "./image-tags";
import type { Status, StatusImage } from "./status";

/** A status as a table. */
export function statusTable({ service, deployments, targets, alarms, database, image }: Status): string {
  const table = new Table({ style: { head: [], border: [] } });
  const starting = service.pending > 0 ? `, ${service.pending} starting` : "";
  table.push(
    { Service: `${service.name}\n${service.running} of ${service.desired} tasks running${starting}` },
    { "Last event": service.latestEvent ?? "none" },
    { Deployments: deployments.map(describeDeployment).join("\n") || "none" },
    { Targets: targets || "none" },
    { Alarms: alarms.length > 0 ? alarms.map((name) => `ringing: ${name}`).join("\n") : "none is ringing" },
    { Database: describeDatabase(database) },
    { Image: describeImages(image) },
  );
  return table.toString();
}

function describeDeployment({
  taskDefinition,
  rollout,
  running,
  desired,
  failed,
  since,
}: Status["deployments"][number]): string {
  const state = (rollout ?? "unknown").toLowerCase().replace("_", " ");
  const failures = failed > 0 ? `, ${failed} failed` : "";
  return `${taskDefinition}: ${state}, ${running} of ${desired}${failures}, since ${time(since)}`;
}

function describeDatabase({ name, status, class: size, version, storageGiB, multiAz }: Status["database"]) {
  const standby = multiAz ? "with a standby" : "no standby";
  return `${name}: ${status ?? "unknown"}\n${size}, PostgreSQL ${version}, ${storageGiB} GiB, ${standby}`;
}

function describeImages({ running, named }: Status["image"]): string {
  if (!running && !named) return "none was pushed";
  const next = named ? `${describeImage(named)}, not deployed` : "none, backend_image_tag names no image";
  return [
    `runs: ${running ? describeImage(running) : "unknown: no deployment has succeeded in the last 90 days"}`,
    named && running?.digest === named.digest ? "next: the same" : `next: ${next}`,
  ].join("\n");
}

function describeImage({ digest, tags, pushedAt }: StatusImage): string {
  const names = tags.length > 0 ? tags.join(", ") : "without a tag";
  return `${names} (${shortDigest(digest)}${pushedAt ? `, pushed ${time(pushedAt)}` : ""})`;
}

function time(date: Date | undefined): string {
  return date ? `${date.toISOString().slice(0, 16).replace("T", " ")} UTC` : "an unknown time";
}
