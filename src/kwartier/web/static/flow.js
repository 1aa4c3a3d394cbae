// Where the power goes now: grid, sun, house, cars, battery round one node. Dots run with the power.
import { html } from "./vendor/htm-preact.js";
import { PATHS } from "./icons.js";
import { state } from "./store.js";
import { power, t } from "./words.js";

const IDLE_W = 10;
const HUB = { x: 170, y: 142 };
const RADIUS = 41;

/** Quiet verb of a flow: positive is into the part, except that the grid is a source when positive.
 * @param {string} part @param {number | null} value_w */
function verb(part, value_w) {
  if (value_w == null) return t("flow.unknown");
  if (Math.abs(value_w) < IDLE_W) return t("flow.idle");
  if (part === "grid") return t(value_w > 0 ? "flow.import" : "flow.export");
  if (part === "battery") return t(value_w > 0 ? "flow.charges" : "flow.discharges");
  if (part === "production") return t(value_w < 0 ? "flow.produces" : "flow.uses");
  return t(part === "chargers" ? "flow.charges" : "flow.uses");
}

/** @param {{part: string, icon: keyof typeof PATHS, x: number, y: number, side: string, value_w: number | null}} props */
function Node({ part, icon, x, y, side, value_w }) {
  const into_hub = value_w != null && (part === "grid" ? value_w > 0 : value_w < 0);
  const size = Math.abs(value_w ?? 0);
  const speed = size < IDLE_W ? 0 : size < 1000 ? 1 : size < 5000 ? 2 : 3;
  const gap = Math.hypot(HUB.x - x, HUB.y - y);
  const from = { x: x + ((HUB.x - x) * RADIUS) / gap, y: y + ((HUB.y - y) * RADIUS) / gap };
  const line = `M${from.x.toFixed(1)} ${from.y.toFixed(1)}L${HUB.x} ${HUB.y}`;
  return html`<g class=${`part ${part}`}>
    <path class="wire" d=${line} />
    <path class=${`dots speed${speed} ${into_hub ? "in" : "out"}`} d=${line} />
    <circle class="ring" cx=${x} cy=${y} r=${RADIUS} />
    <path class="glyph" d=${PATHS[icon]} transform=${`translate(${x - 9} ${y - 34}) scale(.75)`} />
    <text class="value" x=${x} y=${y + 6}>${power(value_w == null ? null : size)}</text>
    <text class="verb" x=${x} y=${y + 20}>${verb(part, value_w)}</text>
    <text class=${`name ${side}`} x=${side === "start" ? x + RADIUS + 8 : side === "end" ? x - RADIUS - 8 : x} y=${side ? y + 5 : y + RADIUS + 16}>${t(`flow.${part}`)}</text>
  </g>`;
}

export function Flow() {
  const { flow } = state.value;
  const battery = flow.battery_w != null || (state.value.batteries ?? []).length > 0;
  const parts = /** @type {const} */ ([
    { part: "production", icon: "sun", x: 170, y: 44, side: "start", value_w: flow.production_w },
    { part: "grid", icon: "grid", x: 44, y: 142, side: "", value_w: flow.grid_w },
    { part: "house", icon: "house", x: 296, y: 142, side: "", value_w: flow.house_w },
    { part: "chargers", icon: "car", x: battery ? 230 : 170, y: 240, side: "start", value_w: flow.chargers_w },
    { part: "battery", icon: "battery", x: 110, y: 240, side: "end", value_w: flow.battery_w },
  ]);
  // What is not there is not drawn; what is there but silent is.
  const sun = flow.production_w != null || state.value.meters.some((m) => m.role === "production");
  const shown = parts.filter((p) => (p.part !== "battery" || battery) && (p.part !== "production" || sun));
  // Without sun its place is not left empty.
  const top = sun ? 0 : 84;
  const label = shown.map((p) => `${t(`flow.${p.part}`)}: ${verb(p.part, p.value_w)} ${power(p.value_w == null ? null : Math.abs(p.value_w))}`);
  return html`<section class="card flow" aria-labelledby="flow-title">
    <h2 id="flow-title">${t("flow.title")}</h2>
    <svg viewBox=${`0 ${top} 340 ${286 - top}`} role="img" aria-label=${label.join(", ")}>
      ${shown.map((p) => html`<${Node} key=${p.part} ...${p} />`)}
      <circle class="hub" cx=${HUB.x} cy=${HUB.y} r="7" />
    </svg>
  </section>`;
}
