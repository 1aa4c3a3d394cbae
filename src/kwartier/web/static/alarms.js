// What goes wrong now, in sentences on top of the page. Times, not ages: a sentence that stands still.
import { html } from "./vendor/htm-preact.js";
import { Icon } from "./icons.js";
import { state } from "./store.js";
import { hourMinute, num, t } from "./words.js";

const NAMED = 3;

/** "A, B, C and 4 more". @param {string[]} names */
function listed(names) {
  const rest = names.length - NAMED;
  return rest > 1 ? t("alarm.more", { names: names.slice(0, NAMED).join(", "), count: rest }) : names.join(", ");
}

/** When something was last heard. @param {number | null} age_s */
const heard = (age_s) => (age_s == null ? "" : ` ${t("alarm.since", { time: hourMinute((state.value.at_s - age_s) * 1000) })}`);

/** @param {Meter} meter */
function meterAlarm(meter) {
  const safe = state.value.circuits.find((c) => c.safe && c.meter === meter.id);
  const then = safe ? t("alarm.safe", { circuit: safe.name, current: num(safe.safe_current_a) }) : t("alarm.unknown_power");
  return { level: safe ? "error" : "warning", text: `${t("alarm.meter", { name: meter.name })}${heard(meter.age_s)}. ${then}` };
}

/** @returns {{level: string, text: string}[]} */
function alarms() {
  const { meters, charge_points: points } = state.value;
  const found = meters.filter((m) => m.status === "lost" || m.status === "error").map(meterAlarm);
  const silent = points.filter((p) => p.status === "silent");
  if (silent.length) {
    const longest_s = Math.max(...silent.map((p) => p.age_s ?? 0));
    found.push({ level: "warning", text: `${t("alarm.silent", { names: listed(silent.map((p) => p.name)) })}${heard(longest_s || null)}. ${t("alarm.reserved")}` });
  }
  const broken = points.filter((p) => p.status !== "silent" && (p.state === "E" || p.state === "F"));
  if (broken.length) found.push({ level: "warning", text: t("alarm.broken", { names: listed(broken.map((p) => p.name)) }) });
  return found;
}

export function Alarms() {
  return html`<div role="status" class="alarms">${alarms().map((a) => html`<p key=${a.text} class=${`banner ${a.level}`}><${Icon} name="warn" /><span>${a.text}</span></p>`)}</div>`;
}
