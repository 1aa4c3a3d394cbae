// Today's power: grid, sun and cars. Fetched again each minute of the site's time.
import { html } from "./vendor/htm-preact.js";
import { useEffect, useRef } from "./vendor/preact-hooks.js";
import { signal } from "./vendor/signals.js";
import uPlot from "./vendor/uplot.js";
import { call } from "./api.js";
import { state } from "./store.js";
import { hourMinute, num, t, UNKNOWN } from "./words.js";

const NAMES = /** @type {const} */ (["grid_w", "production_w", "chargers_w"]);
const DASHES = [[], [6, 4], [2, 3]];
const EVERY_S = 60;
const AT_LEAST_MS = 5000;
const HEIGHT = 240;

/** @type {import("./vendor/signals.js").Signal<uPlot.AlignedData | null>} */
const data = signal(null);
const problem = signal("");
let asked_s = -Infinity;
let asked_ms = -Infinity;

/** Sun counts upwards in the picture. @param {string} name @param {number | null} value_w */
const kilowatt = (name, value_w) => (value_w == null ? null : (name === "production_w" ? -value_w : value_w) / 1000);

async function load() {
  try {
    const series = await Promise.all(NAMES.map((name) => /** @type {Promise<Series>} */ (call(`/api/v1/series?name=${name}&step_s=${EVERY_S}`))));
    const times = [...new Set(series.flatMap((s) => s.at_s))].sort((a, b) => a - b);
    const columns = series.map((s) => {
      const by = new Map(s.at_s.map((at, i) => [at, s.values[i]]));
      return times.map((at) => kilowatt(s.name, by.get(at) ?? null));
    });
    data.value = times.length > 1 ? /** @type {uPlot.AlignedData} */ ([times, ...columns]) : null;
    problem.value = "";
  } catch (error) {
    problem.value = t("chart.failed", { why: error instanceof Error ? error.message : String(error) });
  }
}

function refresh() {
  const now_s = state.value.at_s;
  if (now_s - asked_s < EVERY_S || performance.now() - asked_ms < AT_LEAST_MS) return;
  asked_s = now_s;
  asked_ms = performance.now();
  load();
}

/** @param {number} width @returns {uPlot.Options} */
function options(width) {
  const style = getComputedStyle(document.documentElement);
  /** @param {string} name */
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const axis = { stroke: colour("muted"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false } };
  const font = "12px system-ui, sans-serif";
  const colours = [colour("grid"), colour("sun"), colour("cars")];
  return {
    width,
    height: HEIGHT,
    tzDate: (at_s) => uPlot.tzDate(new Date(at_s * 1000), state.peek().site.time_zone),
    padding: [12, 8, 0, 0],
    cursor: { y: false },
    series: [
      { label: t("chart.time"), value: (_u, at_s) => (at_s == null ? UNKNOWN : hourMinute(at_s * 1000)) },
      ...NAMES.map((name, i) => ({
        label: t(`chart.${name}`),
        stroke: colours[i],
        width: 2,
        dash: DASHES[i],
        points: { show: false },
        value: (/** @type {uPlot} */ _u, /** @type {number | null} */ v) => (v == null ? UNKNOWN : `${num(v, 2)} kW`),
      })),
    ],
    axes: [
      { ...axis, font, space: 60, size: 30, values: (_u, ticks) => ticks.map((s) => hourMinute(s * 1000)) },
      { ...axis, font, size: 48, values: (_u, ticks) => ticks.map((v) => num(v, Number.isInteger(v) ? 0 : 1)) },
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

/** Means per hour, for those who cannot see the curves. */
function HourTable() {
  if (!data.value) return null;
  const [times, ...columns] = data.value;
  /** @type {Map<string, number[]>} */
  const hours = new Map();
  times.forEach((at_s, i) => {
    const hour = `${hourMinute(at_s * 1000).slice(0, 2)}:00`;
    hours.set(hour, [...(hours.get(hour) ?? []), i]);
  });
  /** @param {ArrayLike<number | null | undefined>} column @param {number[]} at */
  const mean = (column, at) => {
    const known = at.map((i) => column[i]).filter((v) => v != null);
    return known.length ? num(known.reduce((a, b) => a + b, 0) / known.length, 2) : UNKNOWN;
  };
  return html`<details><summary>${t("chart.table")}</summary><div class="scroll" tabindex="0" role="region" aria-label=${t("chart.table")}><table>
    <thead><tr><th scope="col">${t("chart.time")}</th>${NAMES.map((n) => html`<th scope="col" key=${n}>${t(`chart.${n}`)} (kW)</th>`)}</tr></thead>
    <tbody>${[...hours].map(([hour, at]) => html`<tr key=${hour}><th scope="row">${hour}</th>${columns.map((c, i) => html`<td key=${i}>${mean(c, at)}</td>`)}</tr>`)}</tbody>
  </table></div></details>`;
}

export function Chart() {
  refresh();
  return html`<section class="card chart" aria-labelledby="chart-title">
    <h2 id="chart-title">${t("chart.title")}</h2>
    <div class="plot-place">${data.value ? html`<${Plot} />` : html`<p class="muted">${problem.value || t("chart.none")}</p>`}</div>
    <${HourTable} />
  </section>`;
}
