// The running quarter-hour: how far it is, what is certain, where it ends, against the month peak.
import { html } from "./vendor/htm-preact.js";
import { Icon } from "./icons.js";
import { state } from "./store.js";
import { dayMonth, energy, hourMinute, minutes, power, t } from "./words.js";

const QUARTER_S = 900;

/** An arc from twelve o'clock. @param {{part: number, radius: number, name: string}} props */
function Arc({ part, radius, name }) {
  const round = 2 * Math.PI * radius;
  const length = Math.min(1, Math.max(0, part)) * round;
  return html`<circle class=${name} cx="100" cy="100" r=${radius} stroke-dasharray=${`${length.toFixed(1)} ${(round + 1).toFixed(1)}`} transform="rotate(-90 100 100)" />`;
}

/** @param {{quarter: Quarter}} props */
function Ring({ quarter }) {
  const demand_w = quarter.demand_w ?? 0;
  const projected_w = quarter.projected_w ?? demand_w;
  const peak_w = quarter.month_peak_w;
  const scale_w = Math.max(projected_w, demand_w, peak_w ?? 0, 1000) * 1.2;
  const turn = peak_w == null ? 0 : (peak_w / scale_w) * 360;
  const above = peak_w != null && projected_w > peak_w;
  return html`<svg viewBox="0 0 200 200" aria-hidden="true" class=${above ? "dial above" : "dial"}>
    <circle class="track time" cx="100" cy="100" r="92" />
    <${Arc} name="elapsed" radius=${92} part=${quarter.elapsed_s / QUARTER_S} />
    <circle class="track" cx="100" cy="100" r="76" />
    <${Arc} name="projected" radius=${76} part=${projected_w / scale_w} />
    <${Arc} name="certain" radius=${76} part=${demand_w / scale_w} />
    ${peak_w != null && html`<path class="peak" d="M100 15v18" transform=${`rotate(${turn.toFixed(1)} 100 100)`} />`}
    <text class="value" x="100" y="98">${power(quarter.projected_w)}</text>
    <text class="verb" x="100" y="119">${t("quarter.projected")}</text>
    <text class="verb" x="100" y="137">${t("quarter.left", { time: minutes(QUARTER_S - quarter.elapsed_s) })}</text>
  </svg>`;
}

export function QuarterCard() {
  const { quarter } = state.value;
  return html`<section class="card quarter" aria-labelledby="quarter-title">
    <h2 id="quarter-title">${t("quarter.title")}</h2>
    ${quarter ? html`<${Told} quarter=${quarter} />` : html`<p class="muted">${t("quarter.none")}</p>`}
  </section>`;
}

/** @param {{quarter: Quarter}} props */
function Told({ quarter }) {
  const peak_w = quarter.month_peak_w;
  const above = peak_w != null && quarter.projected_w != null && quarter.projected_w > peak_w;
  return html`<div class="split">
    <${Ring} quarter=${quarter} />
    <div><dl class="facts">
      <div class="sr"><dt>${t("quarter.projected")}</dt><dd>${power(quarter.projected_w)}</dd></div>
      <div><dt>${hourMinute(quarter.start)} – ${hourMinute(quarter.end)}</dt><dd class="small">${t(`quarter.source_${quarter.source}`)}</dd></div>
      <div><dt>${t("quarter.so_far")}</dt><dd>${energy(quarter.energy_kwh)}</dd></div>
      <div><dt>${t("quarter.floor")}</dt><dd>${power(quarter.demand_w)}</dd></div>
      <div><dt>${t("quarter.peak")}</dt><dd>${power(peak_w)}${quarter.month_peak_at && html` <small>${dayMonth(quarter.month_peak_at)} ${hourMinute(quarter.month_peak_at)}</small>`}</dd></div>
    </dl>
    ${peak_w != null && html`<p class=${above ? "verdict bad" : "verdict good"}><${Icon} name=${above ? "warn" : "check"} />${t(above ? "quarter.above" : "quarter.below")}</p>`}
    </div>
  </div>`;
}
