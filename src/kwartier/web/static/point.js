// One charge point: what it does, what it may do and why, and what a person wants of it.
import { html } from "./vendor/htm-preact.js";
import { useSignal } from "./vendor/signals.js";
import { patch } from "./api.js";
import { History } from "./history.js";
import { Icon } from "./icons.js";
import { people } from "./people.js";
import { ask, forget, language, session, state } from "./store.js";
import { age, amps, dayMonth, energy, hourMinute, num, power, t } from "./words.js";

/** @param {ChargePoint} point @returns {"charging" | "waiting" | "free" | "trouble"} */
export function kind(point) {
  if (point.status === "silent" || point.state === "E" || point.state === "F") return "trouble";
  if (point.state === "C2" || point.state === "D2") return "charging";
  return point.state == null || point.state.startsWith("A") ? "free" : "waiting";
}

/** @param {"charging" | "waiting" | "free" | "trouble"} what */
export function symbol(what) {
  const names = /** @type {const} */ ({ charging: "bolt", waiting: "clock", free: "free", trouble: "warn" });
  return html`<${Icon} name=${names[what]} />`;
}

/** @param {ChargePoint} point */
export function stateWords(point) {
  if (point.status === "silent") return t("point.silent");
  if (point.state == null) return t("state.unknown");
  return t(point.state.startsWith("A") ? "state.A" : `state.${point.state}`);
}

const DRAWS_A = 0.5;
/** How many conductors carry current now. @param {ChargePoint} point */
const inUse = (point) => (point.measured_a ?? []).filter((a) => a != null && a > DRAWS_A).length;

/** @param {{point: ChargePoint}} props */
function Currents({ point }) {
  const scale_a = Math.max(point.max_a, 1);
  const silent = point.status === "silent";
  return html`<dl class=${silent ? "currents old" : "currents"}>
    <div><dt>${t(silent ? "point.fallback" : "point.allowed")}</dt><dd class="big">${amps(silent ? point.fallback_a : point.allowed_a)} A</dd>${!silent && inUse(point) > 0 && html`<dd class="small">${t(inUse(point) === 1 ? "point.phase_one" : "point.phase_more", { count: inUse(point) })}</dd>`}</div>
    <div class="measured"><dt>${t("point.measured")}${silent && point.age_s != null && `, ${age(point.age_s)}`}</dt><dd>
      ${point.phases.toSorted().map((phase) => {
        const value_a = point.measured_a?.[phase - 1] ?? null;
        return html`<span class="mini" key=${phase}><span class="tag">L${phase}</span>
          <span class="bar" aria-hidden="true">
            <span class="granted" style=${{ left: 0, width: `${Math.min(100, (point.allowed_a / scale_a) * 100)}%` }}></span>
            <span class="load" style=${{ width: `${Math.min(100, ((value_a ?? 0) / scale_a) * 100)}%` }}></span>
          </span><span class="text">${amps(value_a)} A</span></span>`;
      })}
    </dd></div>
  </dl>`;
}

const SOON_S = 57_600;

/** The time alone where it is near, after its day otherwise. @param {string} at */
const soon = (at) => (Date.parse(at) / 1000 - state.value.at_s < SOON_S ? hourMinute(at) : `${dayMonth(at)} ${hourMinute(at)}`);

/** What is wanted of it and what the plan makes of that, and the way there. @param {{point: ChargePoint}} props */
function Goal({ point }) {
  const { plan } = state.value;
  if (!plan) return null;
  const goal = plan.goals[point.id];
  const set = goal?.target != null && goal.due != null;
  const unit = goal?.unit === "pct" ? "%" : goal?.unit === "kwh" ? "kWh" : "km";
  return html`<div class="goal">
    <span class="small">${set && html`<b>${t("point.goal", { target: `${num(goal.target ?? 0)} ${unit}`, time: soon(goal.due ?? "") })}</b> `}${
      goal?.missing_kwh ? html`<span class="bad">${t("point.goal_missing", { energy: energy(goal.missing_kwh) })}</span>` : goal?.finish ? t("point.goal_ready", { time: soon(goal.finish) }) : ""}</span>
    <a class="button" href=${`/plan/${encodeURIComponent(point.id)}`}><${Icon} name="clock" />${t("point.plan")}<span class="sr">: ${point.name}</span></a>
  </div>`;
}

/** @param {{point: ChargePoint}} props */
function Controls({ point }) {
  const draft = useSignal(/** @type {number | null} */ (null));
  const problem = useSignal("");
  const locked = !session.may_write;

  /** @param {Partial<Wish>} wish */
  async function change(wish) {
    ask(point.id, wish);
    problem.value = "";
    try {
      await patch(`/api/v1/charge_points/${encodeURIComponent(point.id)}`, wish);
    } catch (error) {
      forget(point.id);
      problem.value = t("point.failed", { why: error instanceof Error ? error.message : String(error) });
    }
    draft.value = null;
  }

  // The slider's right end stands for "no limit of one's own".
  const shown_a = draft.value ?? point.limit_a ?? point.max_a;
  const limit = shown_a >= point.max_a ? t("point.no_limit") : `${num(shown_a)} A`;
  const id = `limit-${point.id}`;
  const modes = /** @type {PlanMode[]} */ (state.value.plan ? ["off", "sun", "smart", "fast"] : ["off", "fast"]);
  return html`<div class="controls">
    <div class="modes" role="group" aria-label=${`${t("point.mode")}: ${point.name}`}>
      ${modes.map((mode) => html`<button key=${mode} disabled=${locked} aria-pressed=${String(point.mode === mode)} onClick=${() => change({ mode })}>${t(`point.${mode}`)}</button>`)}
    </div>
    <div class="limit">
      <label for=${id}>${t("point.limit")}</label><output for=${id}>${limit}</output>
      <input id=${id} type="range" min=${Math.ceil(point.min_a)} max=${Math.ceil(point.max_a)} step="1" value=${shown_a} disabled=${locked} aria-valuetext=${limit}
        onInput=${(/** @type {InputEvent} */ e) => (draft.value = Number(/** @type {HTMLInputElement} */ (e.target).value))}
        onChange=${(/** @type {Event} */ e) => {
          const value_a = Number(/** @type {HTMLInputElement} */ (e.target).value);
          change({ limit_a: value_a >= point.max_a ? null : value_a });
        }} />
    </div>
    ${problem.value && html`<p class="note error" role="alert">${problem.value}</p>`}
  </div>`;
}

/** @param {{point: ChargePoint}} props */
export function Card({ point }) {
  const what = kind(point);
  const heard = point.age_s == null ? t("point.never") : t("point.heard", { age: age(point.age_s) });
  return html`<article class=${`card point ${what}`} aria-label=${point.name}>
    <header><h3>${point.name}${people.value[point.id] && html` <small class="person">${people.value[point.id]}</small>`}</h3><span class="pill">${symbol(what)}${stateWords(point)}${point.state && point.status !== "silent" && html` <span class="code" title=${t("point.iec")}>${point.state}</span>`}</span></header>
    <p class="reason"><${Icon} name="info" /><span><span class="sr">${t("point.why")}: </span>${point.reason[language]}${point.reason_since && html` <small class="muted">${t("point.since", { time: hourMinute(point.reason_since) })}</small>`}</span></p>
    <${Currents} point=${point} />
    <dl class="pair">
      <div><dt>${t("point.power")}</dt><dd>${power(point.power_w)}</dd></div>
      <div><dt>${t("point.session")}</dt><dd>${energy(point.session_kwh)}${point.session_start && html` <small class="muted">${t("point.since", { time: hourMinute(point.session_start) })}</small>`}</dd></div>
    </dl>
    <${Controls} point=${point} />
    <${Goal} point=${point} />
    <footer class="small muted"><span>${heard}</span>${point.status !== "silent" && html`<span class=${point.confirmed ? "confirmed" : ""}><${Icon} name=${point.confirmed ? "check" : "clock"} />${t(point.confirmed ? "point.confirmed" : "point.unconfirmed")}</span>`}</footer>
    <${History} point=${point} />
  </article>`;
}
