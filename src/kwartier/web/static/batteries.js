// Batteries: how full, what each does and why. They are told what to do by plan and limits; nobody sets anything here.
import { html } from "./vendor/htm-preact.js";
import { Icon } from "./icons.js";
import { language, state } from "./store.js";
import { age, duration, hourMinute, num, power, t, UNKNOWN } from "./words.js";

const IDLE_W = 30;

/** @param {Battery} battery @returns {"charging" | "giving" | "idle" | "trouble" | "waiting"} */
function doing(battery) {
  if (battery.status === "silent" || battery.state === "fault" || battery.state === "off") return "trouble";
  if (battery.power_w == null) return "waiting";
  return battery.power_w > IDLE_W ? "charging" : battery.power_w < -IDLE_W ? "giving" : "idle";
}

/** What it does, in words. @param {Battery} battery */
function said(battery) {
  const what = doing(battery);
  return t(what !== "trouble" ? `battery.${what}` : battery.status === "silent" ? "battery.silent" : `battery.${battery.state}`);
}

/** Power with what it means. @param {number | null} value_w */
function directed(value_w) {
  if (value_w == null) return UNKNOWN;
  if (Math.abs(value_w) < IDLE_W) return power(0);
  return t(value_w > 0 ? "battery.into" : "battery.out_of", { power: power(Math.abs(value_w)) });
}

/** How long it lasts as it goes now, where that is hours and not days. @param {Battery} battery */
function lasts(battery) {
  const { power_w, soc_pct } = battery;
  if (power_w == null || soc_pct == null || Math.abs(power_w) < 200) return null;
  const to_pct = power_w > 0 ? battery.max_soc_pct : battery.min_soc_pct;
  const left_s = (((to_pct - soc_pct) / 100) * battery.capacity_kwh * 3_600_000) / power_w;
  return left_s > 300 && left_s < 86_400 ? t(power_w > 0 ? "battery.full_in" : "battery.empty_in", { time: duration(left_s) }) : null;
}

/** @param {{battery: Battery}} props */
function Level({ battery }) {
  const { soc_pct, min_soc_pct, reserve_soc_pct } = battery;
  const old = battery.status === "silent" && soc_pct != null && battery.age_s != null;
  const kept = Math.max(min_soc_pct, reserve_soc_pct);
  return html`<div class=${old ? "level old" : "level"}>
    <p><b class="big">${soc_pct == null ? UNKNOWN : `${num(soc_pct)} %`}</b> <span class="small muted">${battery.stored_kwh != null && t("battery.of", { energy: num(battery.stored_kwh, 1), capacity: num(battery.capacity_kwh, 1) })}${old && `, ${age(battery.age_s ?? 0)}`}</span></p>
    <span class="bar" aria-hidden="true"><span class="load" style=${{ width: `${Math.min(100, Math.max(0, soc_pct ?? 0))}%` }}></span>${kept > 0 && html`<span class="mark" style=${{ left: `${kept}%` }}></span>`}</span>
    <p class="small muted">${reserve_soc_pct > min_soc_pct ? t("battery.reserve", { kept: num(reserve_soc_pct) }) : t("battery.least", { kept: num(min_soc_pct) })}</p>
  </div>`;
}

/** @param {{battery: Battery}} props */
function Card({ battery }) {
  const what = doing(battery);
  const heard = battery.age_s == null ? t("point.never") : t("point.heard", { age: age(battery.age_s) });
  const icons = /** @type {const} */ ({ charging: "bolt", giving: "battery", idle: "free", waiting: "clock", trouble: "warn" });
  return html`<article class=${`card cell ${what}`} aria-label=${battery.name}>
    <header><h3>${battery.name}</h3><span class="pill"><${Icon} name=${icons[what]} />${said(battery)}</span></header>
    <p class="reason"><${Icon} name="info" /><span><span class="sr">${t("point.why")}: </span>${battery.reason[language]}${battery.reason_since && html` <small class="muted">${t("point.since", { time: hourMinute(battery.reason_since) })}</small>`}</span></p>
    <${Level} battery=${battery} />
    <dl class="pair">
      <div><dt>${t("point.power")}</dt><dd>${directed(battery.power_w)} <small>${lasts(battery)}</small></dd></div>
      <div><dt>${t("battery.told")}</dt><dd>${directed(battery.setpoint_w)} ${battery.status === "silent" && battery.reserved_w > 0 && html`<small>${t("battery.reserved", { power: power(battery.reserved_w) })}</small>`}</dd></div>
    </dl>
    <footer class="small muted"><span>${heard}</span>${state.value.plan && html`<a class="button" href="/plan"><${Icon} name="clock" />${t("point.plan")}<span class="sr">: ${battery.name}</span></a>`}</footer>
  </article>`;
}

export function Batteries() {
  const batteries = state.value.batteries ?? [];
  if (batteries.length === 0) return null;
  return html`<section class="batteries" aria-labelledby="batteries-title">
    <div class="section-head"><h2 id="batteries-title">${t(batteries.length === 1 ? "battery.one" : "battery.more")}</h2></div>
    <div class="cells">${batteries.map((b) => html`<${Card} key=${b.id} battery=${b} />`)}</div>
  </section>`;
}
