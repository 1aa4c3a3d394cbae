// What each device does when, as blocks below the chart; a block is dragged, or moved with the arrow keys, to another time.
import { html } from "./vendor/htm-preact.js";
import { useRef } from "./vendor/preact-hooks.js";
import { useSignal } from "./vendor/signals.js";
import { send } from "./api.js";
import { hourMinute, power, t } from "./words.js";

const QUARTER_S = 900;
const HOUR_S = 3600;
const LEAST_DRAG_PX = 4;

/** @param {{block: Block, from_s: number, to_s: number, now_s: number, may_write: boolean, moved: (why: string) => void}} props */
function Piece({ block, from_s, to_s, now_s, may_write, moved }) {
  const draft_s = useSignal(0);
  const problem = useSignal("");
  const drag = useRef(/** @type {{x: number, width: number} | null} */ (null));
  const movable = may_write && block.movable && block.end_s > now_s;
  const span_s = to_s - from_s;
  const begin_s = Math.max(block.start_s + draft_s.value, from_s);
  const until_s = Math.min(block.end_s + draft_s.value, to_s);
  if (until_s <= from_s || begin_s >= to_s) return null;

  /** Not before now, in whole quarters. @param {number} shift_s */
  function bounded(shift_s) {
    const least_s = Math.ceil((now_s - block.start_s) / QUARTER_S) * QUARTER_S;
    return Math.max(Math.round(shift_s / QUARTER_S) * QUARTER_S, Math.min(0, least_s));
  }

  async function commit() {
    const shift_s = draft_s.value;
    if (!shift_s) return;
    problem.value = "";
    try {
      await send("POST", "/api/v1/plan/overrides", { charge_point_id: block.device_id, start: block.start, end: block.end, shift_s });
      moved(t("plan.moved", { name: block.name, time: hourMinute((block.start_s + shift_s) * 1000) }));
    } catch (error) {
      draft_s.value = 0;
      problem.value = error instanceof Error ? error.message : String(error);
      moved(problem.value);
    }
  }

  const label = `${block.name}: ${hourMinute(begin_s * 1000)} – ${hourMinute(until_s * 1000)}, ${power(Math.abs(block.power_w))}`;
  const times = `${hourMinute((block.start_s + draft_s.value) * 1000)} – ${hourMinute((block.end_s + draft_s.value) * 1000)}`;
  const place = { left: `${((begin_s - from_s) / span_s) * 100}%`, width: `${((until_s - begin_s) / span_s) * 100}%` };
  const looks = `piece ${block.kind} ${block.does}${block.override_id ? " held" : ""}${draft_s.value ? " draft" : ""}`;
  if (!movable) return html`<span class=${looks} style=${place} title=${label}><span class="sr">${label}</span></span>`;
  return html`<button class=${looks} style=${place} title=${label} aria-label=${`${label}. ${t("plan.keys")}`}
    onPointerDown=${(/** @type {PointerEvent} */ e) => {
      const box = /** @type {HTMLElement} */ (e.currentTarget);
      box.setPointerCapture(e.pointerId);
      drag.current = { x: e.clientX, width: /** @type {HTMLElement} */ (box.parentElement).clientWidth };
    }}
    onPointerMove=${(/** @type {PointerEvent} */ e) => {
      if (!drag.current) return;
      const by_px = e.clientX - drag.current.x;
      draft_s.value = Math.abs(by_px) < LEAST_DRAG_PX ? 0 : bounded((by_px / drag.current.width) * span_s);
    }}
    onPointerUp=${() => {
      drag.current = null;
      commit();
    }}
    onPointerCancel=${() => {
      drag.current = null;
      draft_s.value = 0;
    }}
    onKeyDown=${(/** @type {KeyboardEvent} */ e) => {
      const by_s = (e.shiftKey ? HOUR_S : QUARTER_S) * (e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? -1 : 0);
      if (by_s) {
        e.preventDefault();
        draft_s.value = bounded(draft_s.value + by_s);
      }
      if (e.key === "Escape") draft_s.value = 0;
      if (e.key === "Enter" && draft_s.value) {
        e.preventDefault();
        commit();
      }
    }}
    onBlur=${() => !drag.current && (draft_s.value = 0)}>${draft_s.value ? html`<span class="bubble">${times}</span>` : ""}</button>`;
}

/** @param {{plan: PlanAnswer, axis: PlanAxis, from_s: number, to_s: number, may_write: boolean, moved: (why: string) => void}} props */
export function Lanes({ plan, axis, from_s, to_s, may_write, moved }) {
  const now = ((axis.now_s - from_s) / (to_s - from_s)) * 100;
  return html`<div class="lanes">${axis.devices.map((device) => html`<div class="lane" key=${device.id}>
    <span class="lane-name">${device.name}</span>
    <div class="track">${now > 0 && now < 100 && html`<i class="now" style=${{ left: `${now}%` }}></i>`}
      ${plan.blocks.filter((b) => b.device_id === device.id).map((block) => html`<${Piece} key=${`${block.id} ${block.start_s} ${plan.version}`} block=${block} from_s=${from_s} to_s=${to_s} now_s=${axis.now_s} may_write=${may_write} moved=${moved} />`)}
    </div></div>`)}</div>`;
}
