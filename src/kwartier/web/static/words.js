// Words and figures in the reader's language.
import { language, state, words } from "./store.js";

/** @param {string} key @param {Record<string, string | number>} [params] */
export function t(key, params = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(params[name] ?? whole));
}

/** @type {Map<number, Intl.NumberFormat>} */
const formats = new Map();

/** @param {number} value @param {number} [digits] */
export function num(value, digits = 0) {
  let format = formats.get(digits);
  if (!format) {
    format = new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    formats.set(digits, format);
  }
  // Rounded first, so that -0.04 does not become "-0".
  const rounded = Number(value.toFixed(digits));
  return format.format(rounded === 0 ? 0 : rounded).replace("-", "\u2212");
}

export const UNKNOWN = "–";

/** @param {number | null | undefined} value_w */
export function power(value_w) {
  if (value_w == null) return UNKNOWN;
  const size = Math.abs(value_w);
  if (size < 1000) return `${num(value_w)} W`;
  return `${num(value_w / 1000, size < 9995 ? 2 : size < 99950 ? 1 : 0)} kW`;
}

/** @param {number | null | undefined} value_a */
export const amps = (value_a) => (value_a == null ? UNKNOWN : num(value_a, 1));

/** @param {number | null | undefined} value_kwh */
export const energy = (value_kwh) => (value_kwh == null ? UNKNOWN : `${num(value_kwh, 2)} kWh`);

/** @param {number} value_s */
export function duration(value_s) {
  if (value_s < 120) return `${num(value_s)} s`;
  if (value_s < 7200) return `${num(Math.floor(value_s / 60))} min`;
  return `${num(Math.floor(value_s / 3600))} h`;
}

const NOW_S = 2.5;

/** How long ago; what has just been is not counted in tenths. @param {number} value_s */
export const age = (value_s) => (value_s < NOW_S ? t("age.now") : t("age.ago", { age: duration(value_s) }));

/** Minutes and seconds. @param {number} value_s */
export function minutes(value_s) {
  const whole = Math.max(0, Math.round(value_s));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

const zone = state.peek().site.time_zone;
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone });
const second = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: zone });
const day = new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "short", timeZone: zone });

/** @param {string | number} at ISO, or UTC milliseconds */
export const hourMinute = (at) => clock.format(new Date(at));
/** @param {string} at */
export const hourSecond = (at) => second.format(new Date(at));
/** @param {string} at */
export const dayMonth = (at) => day.format(new Date(at));
