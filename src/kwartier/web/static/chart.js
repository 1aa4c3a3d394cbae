// Today's power: grid, sun, cars and battery, from the first value of the day on. Recorded minutes are fetched again each
// minute of the site's time; what came with the stream since the last of them is drawn after them.
import { html } from "./vendor/htm-preact.js";
import { useEffect, useRef } from "./vendor/preact-hooks.js";
import { signal } from "./vendor/signals.js";
import uPlot from "./vendor/uplot.js";
import { call } from "./api.js";
import { state } from "./store.js";
import { hourMinute, num, t, UNKNOWN } from "./words.js";

const NAMES = /** @type {const} */ (["grid_w", "production_w", "chargers_w", "battery_w"]);
const LOOKS = { grid_w: { colour: "grid", dash: [] }, production_w: { colour: "sun", dash: [6, 4] }, chargers_w: { colour: "cars", dash: [2, 3] }, battery_w: { colour: "battery", dash: [8, 3, 2, 3] } };
const EVERY_S = 60;
const TRAIL_S = 2;
const LONGEST_TRAIL = 200;
const SHORTEST_S = 300;
const HOURLY_FROM_S = 7200;
/** Of the time axis, whose labels have minutes. */
const STEPS_S = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600];
const AT_LEAST_MS = 5000;
const HEIGHT = 240;

/** What this site can have: no sun where nothing measures it, no battery where there is none. */
function names() {
  const { meters, batteries } = state.peek();
  const sun = meters.some((m) => m.role === "production");
  const battery = (batteries ?? []).length > 0 || meters.some((m) => m.role === "battery");
  return NAMES.filter((n) => (n !== "production_w" || sun) && (n !== "battery_w" || battery));
}

/** @type {import("./vendor/signals.js").Signal<uPlot.AlignedData | null>} */
const data = signal(null);
const problem = signal("");
/** @typedef {[number[], ...(number | null)[][]]} Columns */
/** @type {Columns} */
let recorded = [[], ...names().map(() => [])];
/** Time and values from the stream. @type {[number, ...(number | null)[]][]} */
let trail = [];
let followed_s = -Infinity;
let asked_s = -Infinity;
let asked_ms = -Infinity;

/** Sun counts upwards in the picture. @param {string} name @param {number | null} value_w */
const kilowatt = (name, value_w) => (value_w == null ? null : (name === "production_w" ? -value_w : value_w) / 1000);

/** Steps from the first known value to the last. @param {string} span @returns {Promise<Columns>} */
async function columns(span) {
  const series = await Promise.all(names().map((name) => /** @type {Promise<Series>} */ (call(`/api/v1/series?name=${name}&${span}`))));
  const known = series.map((s) => new Map(s.at_s.flatMap((at, i) => (s.values[i] == null ? [] : [[at, kilowatt(s.name, s.values[i])]]))));
  const times = [...new Set(series.flatMap((s) => s.at_s))].sort((a, b) => a - b);
  const has = (/** @type {number} */ at) => known.some((by) => by.has(at));
  const shown = times.slice(Math.max(0, times.findIndex(has)), times.findLastIndex(has) + 1);
  return [shown, ...known.map((by) => shown.map((at) => by.get(at) ?? null))];
}

/** Recorded minutes, then what the stream has told since the last of them.
 * @param {Columns} recorded @returns {uPlot.AlignedData | null} */
function joined([times, ...values]) {
  const last_s = times.length ? times[times.length - 1] + EVERY_S : -Infinity;
  trail = trail.filter(([at_s]) => at_s >= last_s);
  const all = [[...times, ...trail.map(([at_s]) => at_s)], ...values.map((column, i) => [...column, ...trail.map((told) => told[i + 1])])];
  return all[0].length > 1 ? /** @type {uPlot.AlignedData} */ (all) : null;
}

/** Take in the values of the newest document. */
function follow() {
  const { at_s, flow } = state.peek();
  if (Math.abs(at_s - followed_s) < TRAIL_S) return;
  followed_s = at_s;
  trail = [...trail.filter(([told_s]) => told_s < at_s).slice(-LONGEST_TRAIL), [at_s, ...names().map((name) => kilowatt(name, flow[name]))]];
  data.value = joined(recorded);
}

async function load() {
  try {
    recorded = await columns(`step_s=${EVERY_S}`);
    data.value = joined(recorded);
    problem.value = "";
  } catch (error) {
    problem.value = t("chart.failed", { why: error instanceof Error ? error.message : String(error) });
  }
}

function refresh() {
  const now_s = state.peek().at_s;
  if (Math.abs(now_s - asked_s) < EVERY_S || performance.now() - asked_ms < AT_LEAST_MS) return;
  asked_s = now_s;
  asked_ms = performance.now();
  load();
}

// Outside of drawing: what draws must not change what is drawn.
state.subscribe(() => {
  follow();
  refresh();
});

/** @param {number} width @returns {uPlot.Options} */
function options(width) {
  const style = getComputedStyle(document.documentElement);
  /** @param {string} name */
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const axis = { stroke: colour("muted"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false } };
  const font = "12px system-ui, sans-serif";
  /** The newest value while nothing is pointed at. @param {uPlot} u @param {number} column @param {number | null | undefined} at */
  const told = (u, column, at) => (at == null ? u.data[column]?.at(-1) : u.data[column]?.[at]);
  return {
    width,
    height: HEIGHT,
    tzDate: (at_s) => uPlot.tzDate(new Date(at_s * 1000), state.peek().site.time_zone),
    padding: [12, 22, 0, 0],
    cursor: { y: false },
    scales: { x: { range: (_u, from_s, to_s) => [Math.min(from_s, to_s - SHORTEST_S), to_s] } },
    series: [
      { label: t("chart.time"), value: (u, _v, i, at) => { const at_s = told(u, i, at); return at_s == null ? UNKNOWN : hourMinute(at_s * 1000); } },
      ...names().map((name) => ({
        label: t(`chart.${name}`),
        stroke: colour(LOOKS[name].colour),
        fill: name === "grid_w" ? undefined : `${colour(LOOKS[name].colour)}1f`,
        width: 2,
        dash: LOOKS[name].dash,
        points: { show: false },
        value: (/** @type {uPlot} */ u, /** @type {number | null} */ _v, /** @type {number} */ column, /** @type {number | null} */ at) => {
          const value_kw = told(u, column, at);
          return value_kw == null ? UNKNOWN : `${num(value_kw, 2)} kW`;
        },
      })),
    ],
    axes: [
      { ...axis, font, space: 60, size: 30, incrs: STEPS_S, values: (_u, ticks) => ticks.map((s) => hourMinute(s * 1000)) },
      { ...axis, font, size: 62, values: (_u, ticks) => ticks.map((v) => `${num(v, ticks.every(Number.isInteger) ? 0 : 1)} kW`) },
    ],
  };
}

function Plot() {
  const ref = useRef(/** @type {HTMLDivElement | null} */ (null));
  const plot = useRef(/** @type {uPlot | null} */ (null));
  useEffect(() => {
    const box = /** @type {HTMLDivElement} */ (ref.current);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(options(box.clientWidth), data.peek() ?? [[]], box);
    };
    const resize = new ResizeObserver(() => plot.current?.setSize({ width: box.clientWidth, height: HEIGHT }));
    draw();
    resize.observe(box);
    dark.addEventListener("change", draw);
    return () => {
      dark.removeEventListener("change", draw);
      resize.disconnect();
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => {
    if (data.value) plot.current?.setData(data.value);
  }, [data.value]);
  return html`<div class="plot" ref=${ref} role="img" aria-label=${t("chart.label")}></div>`;
}

/** Means per hour, of a young day per five minutes, for those who cannot see the curves. */
function HourTable() {
  if (!data.value) return null;
  const [times, ...columns] = data.value;
  const step_s = times[times.length - 1] - times[0] > HOURLY_FROM_S ? 3600 : 300;
  /** @type {Map<string, number[]>} */
  const hours = new Map();
  times.forEach((at_s, i) => {
    const hour = hourMinute(Math.floor(at_s / step_s) * step_s * 1000);
    hours.set(hour, [...(hours.get(hour) ?? []), i]);
  });
  /** @param {ArrayLike<number | null | undefined>} column @param {number[]} at */
  const mean = (column, at) => {
    const known = at.map((i) => column[i]).filter((v) => v != null);
    return known.length ? num(known.reduce((a, b) => a + b, 0) / known.length, 2) : UNKNOWN;
  };
  return html`<details><summary>${t("chart.table")}</summary><div class="scroll" tabindex="0" role="region" aria-label=${t("chart.table")}><table>
    <thead><tr><th scope="col">${t("chart.time")}</th>${names().map((n) => html`<th scope="col" key=${n}>${t(`chart.${n}`)} (kW)</th>`)}</tr></thead>
    <tbody>${[...hours].map(([hour, at]) => html`<tr key=${hour}><th scope="row">${hour}</th>${columns.map((c, i) => html`<td key=${i}>${mean(c, at)}</td>`)}</tr>`)}</tbody>
  </table></div></details>`;
}

export function Chart() {
  return html`<section class="card chart" aria-labelledby="chart-title">
    <h2 id="chart-title">${t("chart.title")}</h2>
    <div class="plot-place">${data.value ? html`<${Plot} />` : html`<p class="muted">${problem.value || t("chart.none")}</p>`}</div>
    <${HourTable} />
  </section>`;
}
