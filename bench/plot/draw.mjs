// Draws a Vega-Lite specification: standard input to standard output. A program of its own, so that nothing
// else needs Vega.
import { text } from "node:stream/consumers";
import { parse, View } from "vega";
import { compile } from "vega-lite";

const { spec } = compile(JSON.parse(await text(process.stdin)));
process.stdout.write(await new View(parse(spec), { renderer: "none" }).toSVG());
