// The meters: how each does, and behind a fold all that an installer asks of it.
import { html } from "./vendor/htm-preact.js";
import { Icon } from "./icons.js";
import { state, words } from "./store.js";
import { age, energy, hourSecond, num, power, t } from "./words.js";

const GOOD = new Set(["fresh", "recovering"]);
const CALM = new Set([...GOOD, "waiting"]);

/** @param {PartialPhases | null} values @param {number} digits */
const perPhase = (values, digits) => (values?.some((v) => v != null) ? values.map((v) => (v == null ? "–" : num(v, digits))).join(" / ") : null);

/** What a fault is called; its sentence comes from the driver, in English. @param {{kind: string}} fault */
const trouble = (fault) => words[`fault.${fault.kind}`] ?? fault.kind;

/** @param {{name: string, children?: unknown}} props */
function Fact({ name, children }) {
  return children == null || children === false ? null : html`<div><dt>${name}</dt><dd>${children}</dd></div>`;
}

/** How the line of a P1 meter does. @param {{health: LineHealth}} props */
function Health({ health }) {
  return html`<${Fact} name=${t("health.telegrams")}>${num(health.telegrams)} <small>${t("health.repaired", { count: num(health.repaired) })}</small><//>
    <${Fact} name=${t("health.bad")}>${num(health.bad)} <small>${t("health.noise", { count: num(health.noise_bytes) })}</small><//>
    <${Fact} name=${t("health.reconnects")}>${num(health.reconnects)}<//>`;
}

/** @param {{meter: Meter}} props */
function Details({ meter }) {
  const current = perPhase(meter.current_a, 1);
  const voltage = perPhase(meter.voltage_v, 1);
  return html`<details><summary>${t("meters.details")}<span class="sr">: ${meter.name}</span></summary>
    <dl class="details">
      <${Fact} name=${t("meters.address")}>${meter.address}<//>
      <${Fact} name=${t("meters.clock")}>${meter.meter_time && hourSecond(meter.meter_time)}<//>
      <${Fact} name=${t("meters.current")}>${current && `${current} A`}<//>
      <${Fact} name=${t("meters.voltage")}>${voltage && `${voltage} V`}<//>
      <${Fact} name=${t("meters.import")}>${meter.energy_import_kwh != null && energy(meter.energy_import_kwh)}<//>
      <${Fact} name=${t("meters.export")}>${meter.energy_export_kwh != null && energy(meter.energy_export_kwh)}<//>
      ${meter.health && html`<${Health} health=${meter.health} />`}
      ${meter.fault && html`<div class="wide"><dt>${t("meters.fault")}</dt><dd>${trouble(meter.fault)}</dd><dd class="small" lang="en">${meter.fault.what}</dd></div>`}
    </dl></details>`;
}

/** @param {{meter: Meter}} props */
function Row({ meter }) {
  const calm = CALM.has(meter.status);
  return html`<li class=${meter.status}>
    <${Icon} name=${GOOD.has(meter.status) ? "check" : calm ? "clock" : "warn"} /><div>
    <p class="meter-head"><b>${meter.name}</b> <span>${GOOD.has(meter.status) ? power(meter.power_w) : t("meter.last", { power: power(meter.power_w) })}</span></p>
    <p class="small muted">${t(`meter.${meter.status}`)}${meter.age_s != null && ` · ${age(meter.age_s)}`}${meter.currents_estimated && ` · ${t("meter.estimated")}`}</p>
    <${Details} meter=${meter} /></div></li>`;
}

export function Meters() {
  return html`<section class="card meters" aria-labelledby="meters-title">
    <h2 id="meters-title">${t("meters.title")}</h2>
    <ul>${state.value.meters.map((m) => html`<${Row} key=${m.id} meter=${m} />`)}</ul>
  </section>`;
}
