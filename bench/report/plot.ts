import { createHash } from "node:crypto";
import { median } from "../statistics";
import { CONTENDERS, type ContenderId } from "../synth/contender";
import { mebibytes, seconds } from "./numbers";
import type { Results } from "./results";
import { SYNTH_NAMES } from "./synth-section";

export const PLOT = "docs/performance.svg";

/** Readable on white and on black. GitHub shows the same picture on both. */
const COLOURS = { project: "#2f81f7", other: "#8b949e" } as const;
const BAR = { height: 16, step: 26 } as const;

/** The plot as a specification for Vega-Lite: a bar for each contender, its time and its memory. */
export function plotSpecification({ synth }: Results): object {
  const values = CONTENDERS.filter((id) => id !== "loading").map((id) => ({
    name: nameOf(id),
    isProject: id.startsWith("project"),
    time: median(synth[id].wallSeconds),
    timeLabel: seconds(median(synth[id].wallSeconds)),
    memory: median(synth[id].peakMiB),
    memoryLabel: mebibytes(median(synth[id].peakMiB)),
  }));
  const names = values.map(({ name }) => name);
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    data: { values },
    background: null,
    padding: 8,
    spacing: 24,
    hconcat: [
      panel("time", "Time of a synthesis in seconds, shorter is better", names, true),
      panel("memory", "Peak memory in MiB, less is better", names, false),
    ],
    config: {
      font: "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif",
      view: { stroke: null },
      axis: { labelFontSize: 12, domain: false, ticks: false, grid: false, labelLimit: 400, labelPadding: 8 },
      title: { fontSize: 13, fontWeight: 600, anchor: "start", offset: 8 },
    },
  };
}

function panel(field: "time" | "memory", title: string, names: readonly string[], hasNames: boolean): object {
  const y = { field: "name", type: "nominal", sort: names, title: null, axis: hasNames ? {} : null };
  const x = { field, type: "quantitative", axis: null };
  return {
    title,
    width: 260,
    height: { step: BAR.step },
    layer: [
      {
        mark: { type: "bar", height: BAR.height, cornerRadiusEnd: 2 },
        encoding: {
          x,
          y,
          color: {
            condition: { test: "datum.isProject", value: COLOURS.project },
            value: COLOURS.other,
          },
        },
      },
      {
        mark: { type: "text", align: "left", dx: 5, fontSize: 12 },
        encoding: { x, y, text: { field: `${field}Label` } },
      },
    ],
  };
}

function nameOf(id: ContenderId): string {
  return SYNTH_NAMES[id].replaceAll("`", "");
}

/**
 * A drawn plot, ready to be kept: with letters that are dark on white and light on black, and with a seal
 * that breaks when the results or the picture are changed by hand.
 */
export function sealed(svg: string, results: Results): string {
  const picture = svg.replace(
    /<svg[^>]*>/,
    (start) =>
      `${start}<style>text{fill:#1f2328}@media(prefers-color-scheme:dark){text{fill:#e6edf3}}</style>`,
  );
  return `${picture}\n${sealOf(picture, results)}\n`;
}

/** Whether a kept plot is the one that was drawn from these results. */
export function isUntouched(kept: string, results: Results): boolean {
  const [picture = "", seal = ""] = kept.trimEnd().split(/\n(?=<!-- )/);
  return seal === sealOf(picture, results);
}

function sealOf(picture: string, results: Results): string {
  const drawn = JSON.stringify(plotSpecification(results)) + picture;
  return `<!-- Drawn by npm run bench from bench/results.json: ${createHash("sha256").update(drawn).digest("hex")} -->`;
}
