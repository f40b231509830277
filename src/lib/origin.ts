const LABEL = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?";
const HOST = `(${LABEL}(\\.${LABEL})*|\\[[0-9a-f:]+\\])`;
const PORT = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";

/** Schemes of pages that come out of an application or a browser extension. */
const APPLICATIONS = "capacitor|ionic|tauri|app|chrome-extension|moz-extension|safari-web-extension";

/**
 * Regular expression (RE2) for an origin as a browser sends it: without a path, in lower case.
 *
 * @see https://fetch.spec.whatwg.org/#origin-header
 */
export const ORIGIN = `(https?|${APPLICATIONS})://${HOST}(:${PORT})?`;

/** The same for an origin with a port that browsers leave out, so that it equals none that they send. */
export const ORIGIN_WITH_USUAL_PORT = "(https://.*:443|http://.*:80)";
