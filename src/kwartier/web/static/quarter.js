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

/** @param {Quarter} quarter */
const isAbove = (quarter) => quarter.month_peak_w != null && quarter.projected_w != null && quarter.projected_w > quarter.month_peak_w;

/** @param {{quarter: Quarter}} props */
function Ring({ quarter }) {
  const demand_w = quarter.demand_w ?? 0;
  const projected_w = quarter.projected_w ?? demand_w;
  const peak_w = quarter.month_peak_w;
  const scale_w = Math.max(projected_w, demand_w, peak_w ?? 0, 1000) * 1.2;
  const turn = peak_w == null ? 0 : (peak_w / scale_w) * 360;
  return html`<svg viewBox="0 0 200 200" aria-hidden="true" class="dial">
    <circle class="track time" cx="100" cy="100" r="95" />
    <${Arc} name="elapsed" radius=${95} part=${quarter.elapsed_s / QUARTER_S} />
    <circle class="track" cx="100" cy="100" r="80" />
    <${Arc} name="projected" radius=${80} part=${projected_w / scale_w} />
    <${Arc} name="certain" radius=${80} part=${demand_w / scale_w} />
    ${peak_w != null && html`<path class="peak" d="M100 10v20" transform=${`rotate(${turn.toFixed(1)} 100 100)`} />`}
    <text class="value" x="100" y="97">${power(quarter.projected_w)}</text>
    <text class="verb" x="100" y="118">${t("quarter.projected")}</text>
    <text class="verb" x="100" y="136">${t("quarter.left", { time: minutes(QUARTER_S - quarter.elapsed_s) })}</text>
  </svg>`;
}

/** Good or bad news in a sentence, or that there is none. @param {{quarter: Quarter}} props */
function Verdict({ quarter }) {
  const grid = state.value.meters.find((m) => m.role === "grid");
  if (grid && (grid.status === "lost" || grid.status === "error")) {
    return html`<p class="verdict bad"><${Icon} name="warn" />${t("quarter.lost")}</p>`;
  }
  if (quarter.month_peak_w == null || quarter.projected_w == null) {
    return html`<p class="verdict muted"><${Icon} name="info" />${t("quarter.no_peak")}</p>`;
  }
  const above = isAbove(quarter);
  const by = power(Math.abs(quarter.projected_w - quarter.month_peak_w));
  return html`<p class=${above ? "verdict bad" : "verdict good"}><${Icon} name=${above ? "warn" : "check"} />${t(above ? "quarter.above" : "quarter.below", { by })}</p>`;
}

/** @param {{quarter: Quarter}} props */
function Told({ quarter }) {
  const at = quarter.month_peak_at;
  return html`<div class=${isAbove(quarter) ? "split above" : "split"}>
    <${Ring} quarter=${quarter} />
    <dl class="facts">
      <div><dt><i class="key projected"></i>${t("quarter.expected")}</dt><dd>${power(quarter.projected_w)}</dd></div>
      <div><dt><i class="key certain"></i>${t("quarter.floor")}</dt><dd>${power(quarter.demand_w)} <small>${t("quarter.so_far", { energy: energy(quarter.energy_kwh) })}</small></dd></div>
      <div><dt><i class="key peak"></i>${t("quarter.peak")}</dt><dd>${quarter.month_peak_w == null ? t("quarter.none_yet") : power(quarter.month_peak_w)}${at && html` <small>${dayMonth(at)} ${hourMinute(at)}</small>`}</dd></div>
    </dl>
  </div>
  <${Verdict} quarter=${quarter} />
  <p class="small muted">${t(`quarter.source_${quarter.source}`)}</p>`;
}

export function QuarterCard() {
  const { quarter } = state.value;
  return html`<section class="card quarter" aria-labelledby="quarter-title">
    <h2 id="quarter-title">${t("quarter.title")}${quarter && html` <small class="muted">${hourMinute(quarter.start)} – ${hourMinute(quarter.end)}</small>`}</h2>
    ${quarter ? html`<${Told} quarter=${quarter} />` : html`<p class="muted">${t("quarter.none")}</p>`}
  </section>`;
}
