// What a charge point was allowed before now, and why; read when somebody opens the fold.
import { html } from "./vendor/htm-preact.js";
import { useEffect } from "./vendor/preact-hooks.js";
import { useSignal } from "./vendor/signals.js";
import { call } from "./api.js";
import { language } from "./store.js";
import { amps, hourSecond, t } from "./words.js";

const NEWEST = 20;

/** @param {{point: ChargePoint}} props */
export function History({ point }) {
  const open = useSignal(false);
  const rows = useSignal(/** @type {Decision[] | null} */ (null));
  const problem = useSignal("");
  useEffect(() => {
    if (!open.value) return;
    /** @type {Promise<Decision[]>} */ (call(`/api/v1/decisions?charge_point=${encodeURIComponent(point.id)}&limit=${NEWEST}`))
      .then((found) => {
        rows.value = found;
        problem.value = "";
      })
      .catch((error) => (problem.value = t("chart.failed", { why: error.message })));
  }, [open.value, point.reason_since, point.allowed_a]);
  return html`<details class="history" onToggle=${(/** @type {Event} */ e) => (open.value = /** @type {HTMLDetailsElement} */ (e.currentTarget).open)}>
    <summary>${t("point.history")}<span class="sr">: ${point.name}</span></summary>
    ${problem.value && html`<p class="note error" role="alert">${problem.value}</p>`}
    ${rows.value?.length === 0 && html`<p class="small muted">${t("point.no_history")}</p>`}
    ${rows.value && html`<ol class="scroll" tabindex="0" aria-label=${t("point.history")}>${rows.value.map((d) => html`<li key=${d.at + d.reason.code}><time datetime=${d.at}>${hourSecond(d.at)}</time><b>${amps(d.allowed_a)} A</b><span>${d.reason[language]}</span></li>`)}</ol>`}
  </details>`;
}
