// Charge points: a card each, or a grid of tiles when there are many, with the card behind each tile.
import { html } from "./vendor/htm-preact.js";
import { useEffect, useRef } from "./vendor/preact-hooks.js";
import { signal } from "./vendor/signals.js";
import { Card, kind, stateWords, symbol } from "./point.js";
import { state, wanted } from "./store.js";
import { amps, num, power, t } from "./words.js";

const CARDS_UP_TO = 8;
/** Which tile is open. */
const opened = signal("");

/** When a waiting driver's turn comes. @param {ChargePoint} point */
function turn({ reason }) {
  return reason.code === "turn_in" ? t("tile.turn", { minutes: num(Number(reason.params.in_min)) }) : null;
}

/** @param {{point: ChargePoint}} props */
function Tile({ point }) {
  const what = kind(point);
  return html`<button class=${`tile ${what}`} aria-haspopup="dialog" onClick=${() => (opened.value = point.id)}>
    <span class="tile-head">${symbol(what)}<b>${point.name}</b></span>
    <span class="tile-power">${what === "charging" ? power(point.power_w) : turn(point) ?? t(`tile.${what}`)}</span>
    <span class="small muted">${what === "charging" || what === "waiting" ? html`<span class="sr">${t("point.allowed")} </span>${amps(point.allowed_a)} A` : what === "trouble" ? stateWords(point) : ""}</span>
  </button>`;
}

function Dialog() {
  const ref = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const point = state.value.charge_points.find((p) => p.id === opened.value);
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    if (point && !dialog.open) dialog.showModal();
    if (!point && dialog.open) dialog.close();
  }, [point?.id]);
  return html`<dialog ref=${ref} aria-label=${point?.name ?? ""} onClose=${() => (opened.value = "")}
    onClick=${(/** @type {MouseEvent} */ e) => e.target === ref.current && ref.current?.close()}>
    ${point && html`<${Card} key=${point.id} point=${wanted(point)} />
      <button class="close" onClick=${() => ref.current?.close()}>${t("points.close")}</button>`}
  </dialog>`;
}

/** @param {{points: ChargePoint[]}} props */
function Summary({ points }) {
  const count = { charging: 0, waiting: 0, free: 0, trouble: 0 };
  for (const point of points) count[kind(point)] += 1;
  const kinds = /** @type {const} */ (["charging", "waiting", "free", "trouble"]);
  return html`<p class="muted summary">${kinds.filter((k) => count[k]).map((k) => t(`points.${k}`, { count: count[k] })).join(", ")}</p>`;
}

export function Points() {
  const points = state.value.charge_points;
  const many = points.length > CARDS_UP_TO;
  return html`<section class="points" aria-labelledby="points-title">
    <div class="section-head"><h2 id="points-title">${t("points.title")}</h2>${points.length > 1 && html`<${Summary} points=${points} />`}</div>
    ${points.length === 0 && html`<p class="card muted">${t("points.none")}</p>`}
    ${many
      ? html`<div class="tiles">${points.map((p) => html`<${Tile} key=${p.id} point=${p} />`)}</div><${Dialog} />`
      : html`<div class="cards">${points.map((p) => html`<${Card} key=${p.id} point=${wanted(p)} />`)}</div>`}
  </section>`;
}
