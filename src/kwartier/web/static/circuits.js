// The tree of limits: each circuit's load against its limit, phase by phase.
import { html } from "./vendor/htm-preact.js";
import { Icon } from "./icons.js";
import { state, words } from "./store.js";
import { amps, num, t } from "./words.js";

const OVER_A = 0.05;
/** A tree of more circuits than this is drawn with its phases side by side. */
export const TALL_FROM = 3;

/** @param {number} value */
const pct = (value) => `${Math.min(100, Math.max(0, value * 100)).toFixed(1)}%`;
/** @param {number} limit_a */
const short = (limit_a) => num(limit_a, Number.isInteger(limit_a) ? 0 : 1);
/** One figure where all phases have the same. @param {Phases} values_a @param {(value_a: number) => string} form */
const joined = (values_a, form) => [...new Set(values_a.map(form))].length === 1 ? form(values_a[0]) : values_a.map(form).join(" / ");

/** @param {{circuit: Circuit, phase: number}} props */
function Bar({ circuit, phase }) {
  const limit_a = circuit.limit_a[phase];
  const load_a = circuit.load_a?.[phase] ?? null;
  const granted_a = circuit.granted_a[phase];
  const base_a = Math.max(0, circuit.base_a[phase]);
  const reserved_a = Math.max(base_a, circuit.base_a[phase] + granted_a); // what the sun gives is the cars' first
  const scale_a = Math.max(limit_a * 1.12, (load_a ?? 0) * 1.02, reserved_a);
  const over = load_a != null && load_a > limit_a + OVER_A;
  return html`<div class=${over ? "phase over" : "phase"}>
    <span class="tag">L${phase + 1}</span>
    <span class="bar" aria-hidden="true">
      <span class="granted" style=${{ left: pct(base_a / scale_a), width: pct((reserved_a - base_a) / scale_a) }}></span>
      <span class="load" style=${{ width: pct((load_a ?? 0) / scale_a) }}></span>
      <span class="mark" style=${{ left: pct(limit_a / scale_a) }}></span>
    </span>
    <span class="text">${over && html`<span title=${t("circuits.over")}><${Icon} name="warn" /><span class="sr">${t("circuits.over")}: </span></span>`}${load_a != null && circuit.metered === false && html`<span title=${t("circuits.estimated")}>≈ <span class="sr">${t("circuits.estimated")} </span></span>`}${amps(load_a)}<span class="of"> ${t("circuits.of", { limit: short(limit_a) })}</span></span>
  </div>`;
}

/** Who set the limit, in words where we have them. @param {string} source */
const said = (source) => words[`source.${source}`] ?? source;

/** @param {{circuit: Circuit}} props */
function Row({ circuit }) {
  const sources = [...new Set(circuit.limit_sources)].filter((s) => s !== "static");
  return html`<li class=${`circuit depth${Math.min(circuit.level, 4)}`}>
    <div class="head">
      <h3>${circuit.name}</h3>
      ${circuit.safe && html`<span class="badge warning" title=${t("circuits.safe_text")}><${Icon} name="shield" />${t("circuits.safe", { current: num(circuit.safe_current_a) })}</span>`}
      ${sources.length > 0 && html`<span class="badge">${t("circuits.source", { source: sources.map(said).join(", ") })}</span>`}
      <span class="small muted limit-text" aria-hidden="true">${t("circuits.limit", { limit: joined(circuit.limit_a, short) })}</span>
    </div>
    <div class="phases">${(circuit.phases ?? [1, 2, 3]).map((p) => p - 1).map((phase) => html`<${Bar} key=${phase} circuit=${circuit} phase=${phase} />`)}</div>
    ${Math.max(...circuit.granted_a) > 0 && html`<p class="small muted granted-text">${t(stores(circuit) ? "circuits.granted_cells" : "circuits.granted", { granted: joined(circuit.granted_a, amps) })}</p>`}
  </li>`;
}

/** Whether a battery hangs on it or below. @param {Circuit} circuit @returns {boolean} */
function stores({ id }) {
  const { batteries, circuits } = state.value;
  return (batteries ?? []).some((b) => b.circuit === id) || circuits.some((c) => c.parent === id && stores(c));
}

/** Each circuit right after the one that feeds it. @param {Circuit[]} circuits @param {string | null} parent @returns {Circuit[]} */
function tree(circuits, parent = null) {
  return circuits.filter((c) => c.parent === parent).flatMap((c) => [c, ...tree(circuits, c.id)]);
}

export function Circuits() {
  const circuits = tree(state.value.circuits);
  return html`<section class=${circuits.length > TALL_FROM ? "card circuits compact" : "card circuits"} aria-labelledby="circuits-title">
    <h2 id="circuits-title">${t("circuits.title")}</h2>
    <ul>${circuits.map((c) => html`<${Row} key=${c.id} circuit=${c} />`)}</ul>
    <p class="legend small muted" aria-hidden="true">
      <span><i class="load"></i>${t("circuits.legend_load")}</span>
      <span><i class="granted"></i>${t(circuits.some(stores) ? "circuits.legend_granted_cells" : "circuits.legend_granted")}</span>
      <span><i class="mark"></i>${t("circuits.legend_limit")}</span>
      ${circuits.some((c) => c.metered === false) && html`<span><b>≈</b>${t("circuits.estimated")}</span>`}
    </p>
  </section>`;
}
