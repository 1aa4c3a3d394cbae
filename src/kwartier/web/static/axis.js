// The one time axis: power, prices and levels below each other, measured left of now and planned right of it.
import uPlot from "./vendor/uplot.js";
import { hourMinute, num } from "./words.js";
import { state } from "./store.js";

export const LEFT = 54;
export const RIGHT = 10;
const FONT = "12px system-ui, sans-serif";
const STEPS_S = [1800, 3600, 7200, 10800, 21600, 43200];
const NARROW = 560;
export const SYNC = "plan-axis";

/** What the power chart shows, lowest layer first. */
export const FLOWS = /** @type {const} */ (["production_w", "chargers_w", "battery_w", "house_w", "grid_w"]);
const COLOURS = { production_w: "sun", chargers_w: "cars", battery_w: "battery", house_w: "house", grid_w: "grid" };

/** @param {string} name */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Sun counts upwards in the picture. @param {string} name @param {number | null | undefined} value_w */
const shown = (name, value_w) => (value_w == null ? null : (name === "production_w" ? -value_w : value_w) / 1000);

/** Start of each step, and the end of the last. @param {PlanAxis} axis */
export const times = (axis) => Array.from({ length: axis.import_price.length + 1 }, (_, i) => axis.start_s + i * axis.step_s);

/** A last value once more, so that its step has a width. @param {(number | null)[]} values */
const closed = (values) => [...values, values.at(-1) ?? null];

/** The first step that is planned. @param {PlanAxis} axis */
export const nowStep = (axis) => Math.max(0, Math.floor((axis.now_s - axis.start_s) / axis.step_s));

/** Measured values with their last one drawn up to now. @param {(number | null)[]} values @param {number} now */
function upToNow(values, now) {
  const out = values.map((v, i) => (i < now ? v : null));
  if (now > 0 && now < out.length) out[now] = out[now - 1];
  return out;
}

/** Columns of the power chart: band of the house, then per flow what was measured and what is planned.
 * @param {PlanAxis} axis @returns {uPlot.AlignedData} */
export function powerData(axis) {
  const now = nowStep(axis);
  /** @type {(number | null)[][]} */
  const columns = [closed(axis.house_band.high.map((v) => shown("house_w", v))), closed(axis.house_band.low.map((v) => shown("house_w", v)))];
  for (const name of FLOWS) {
    const measured = (axis.measured[name] ?? []).map((v) => shown(name, v));
    const planned = (axis.planned[name] ?? []).map((v) => shown(name, v));
    columns.push(closed(upToNow(measured, now)), closed(planned));
  }
  return /** @type {uPlot.AlignedData} */ ([times(axis), ...columns]);
}

/** @param {PlanAxis} axis @returns {uPlot.AlignedData} */
export const priceData = (axis) => [times(axis), closed(cents(axis.import_price)), closed(cents(axis.export_price))];

/** @param {(number | null)[]} values */
const cents = (values) => values.map((v) => (v == null ? null : 100 * v));

/** @param {PlanAxis} axis @returns {uPlot.AlignedData} */
export const levelData = (axis) => /** @type {uPlot.AlignedData} */ ([times(axis), ...levels(axis).map((d) => closed(d.level_pct))]);

/** Devices whose level is known somewhere. @param {PlanAxis} axis */
export const levels = (axis) => axis.devices.filter((d) => d.level_pct.some((v) => v != null));

/** What all three have in common. @param {number} width @param {number} height @param {boolean} labels */
function common(width, height, labels) {
  const axis = { stroke: colour("muted"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false }, font: FONT };
  return {
    width,
    height,
    tzDate: (/** @type {number} */ at_s) => uPlot.tzDate(new Date(at_s * 1000), state.peek().site.time_zone),
    padding: /** @type {uPlot.Padding} */ ([10, RIGHT, labels ? 0 : 4, 0]),
    legend: { show: false },
    cursor: { y: false, points: { show: false }, sync: { key: SYNC }, drag: { x: false, y: false, setScale: false } },
    x: { ...axis, show: labels, space: width < NARROW ? 42 : 60, size: 26, incrs: STEPS_S, values: (/** @type {uPlot} */ _u, /** @type {number[]} */ ticks) => ticks.map((s) => hourMinute(s * 1000)) },
    y: { ...axis, size: LEFT },
  };
}

/** Draws the part that is still to come a shade lighter, and the moment between. @param {() => PlanAxis} axis @param {string} word */
function nowPlugin(axis, word) {
  return {
    hooks: {
      drawClear: (/** @type {uPlot} */ u) => {
        const { left, top, width, height } = u.bbox;
        const x = Math.min(Math.max(u.valToPos(axis().now_s, "x", true), left), left + width);
        u.ctx.save();
        u.ctx.fillStyle = `${colour("accent")}0d`;
        u.ctx.fillRect(x, top, left + width - x, height);
        u.ctx.restore();
      },
      draw: (/** @type {uPlot} */ u) => {
        const { left, top, width, height } = u.bbox;
        const x = u.valToPos(axis().now_s, "x", true);
        if (x < left || x > left + width) return;
        const { ctx } = u;
        ctx.save();
        ctx.strokeStyle = ctx.fillStyle = colour("accent");
        ctx.setLineDash([]);
        ctx.textAlign = "left";
        ctx.textBaseline = "alphabetic";
        ctx.lineWidth = 2 * devicePixelRatio;
        ctx.beginPath();
        ctx.moveTo(x, top);
        ctx.lineTo(x, top + height);
        ctx.stroke();
        if (word) {
          ctx.font = `600 ${11 * devicePixelRatio}px system-ui, sans-serif`;
          ctx.fillText(word, x + 5 * devicePixelRatio, top + 11 * devicePixelRatio);
        }
        ctx.restore();
      },
    },
  };
}

/** Lines that are not to be passed: what the connection carries, and the peak that is paid.
 * @param {() => PlanAxis} axis @param {{peak: string, limit: string}} names */
function limitsPlugin(axis, names) {
  /** @param {uPlot} u @param {number} value_kw @param {string} ink @param {string} word */
  function line(u, value_kw, ink, word) {
    const { left, top, width, height } = u.bbox;
    const y = u.valToPos(value_kw, "y", true);
    if (y < top || y > top + height) return;
    const { ctx } = u;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = ink;
    ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(left, y);
    ctx.lineTo(left + width, y);
    ctx.stroke();
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = "right";
    ctx.textBaseline = "alphabetic";
    ctx.fillText(word, left + width - 4 * devicePixelRatio, y - 4 * devicePixelRatio);
    ctx.restore();
  }
  return {
    hooks: {
      draw: (/** @type {uPlot} */ u) => {
        const { peak_w, import_limit_w } = axis();
        if (peak_w != null) line(u, peak_w / 1000, colour("warning"), `${names.peak} ${num(peak_w / 1000, 1)} kW`);
        const limits = import_limit_w.filter((v) => v != null);
        if (limits.length) line(u, Math.min(...limits) / 1000, colour("error"), `${names.limit} ${num(Math.min(...limits) / 1000, 1)} kW`);
      },
    },
  };
}

const stepped = () => /** @type {uPlot.Series.PathBuilder} */ (uPlot.paths.stepped?.({ align: 1 }));

/** @param {number} width @param {() => PlanAxis} axis @param {Record<string, string>} words @returns {uPlot.Options} */
export function powerOptions(width, axis, words) {
  const { x, y, ...rest } = common(width, width < NARROW ? 210 : 250, true);
  /** @type {uPlot.Series[]} */
  const series = [{}, { stroke: "transparent", width: 0, paths: stepped(), points: { show: false } }, { stroke: "transparent", width: 0, paths: stepped(), points: { show: false } }];
  for (const name of FLOWS) {
    const ink = colour(COLOURS[name]);
    const area = name !== "grid_w" && name !== "house_w";
    const thick = name === "grid_w" ? 2.5 : 1.5;
    series.push({ stroke: ink, fill: area ? `${ink}55` : undefined, width: thick, paths: stepped(), points: { show: false } });
    series.push({ stroke: ink, fill: area ? `${ink}2b` : undefined, width: thick, dash: name === "grid_w" ? [7, 4] : [], paths: stepped(), points: { show: false } });
  }
  return {
    ...rest,
    series,
    bands: [{ series: [1, 2], fill: `${colour("house")}26` }],
    axes: [x, { ...y, values: (_u, ticks) => ticks.map((v) => `${num(v, ticks.every(Number.isInteger) ? 0 : 1)} kW`) }],
    scales: { y: { range: (_u, low, high) => [Math.min(0, low) * 1.08, Math.max(1, high, (axis().peak_w ?? 0) / 1000) * 1.1] } },
    plugins: [nowPlugin(axis, words.now), limitsPlugin(axis, { peak: words.peak, limit: words.limit })],
  };
}

/** Cheap to dear, 0 to 1, within what is on the axis. @param {(number | null)[]} prices */
function scaleOf(prices) {
  const known = /** @type {number[]} */ (prices.filter((v) => v != null)).toSorted((a, b) => a - b);
  const [low, high] = [known[Math.floor(known.length * 0.05)] ?? 0, known[Math.floor(known.length * 0.95)] ?? 1];
  return (/** @type {number} */ v) => Math.min(1, Math.max(0, (v - low) / (high - low || 1)));
}

/** Each step's price as a bar; one that is guessed is hollow. @param {() => PlanAxis} axis */
function barsPlugin(axis) {
  return {
    hooks: {
      draw: (/** @type {uPlot} */ u) => {
        const { import_price, price_known, start_s, step_s } = axis();
        const part = scaleOf(import_price);
        const inks = [colour("good"), colour("price"), colour("error")];
        const { left, top, width, height } = u.bbox;
        const { ctx } = u;
        ctx.save();
        ctx.beginPath();
        ctx.rect(left, top, width, height);
        ctx.clip();
        const zero = u.valToPos(0, "y", true);
        import_price.forEach((price, i) => {
          if (price == null) return;
          const [x0, x1] = [u.valToPos(start_s + i * step_s, "x", true), u.valToPos(start_s + (i + 1) * step_s, "x", true)];
          const y = u.valToPos(100 * price, "y", true);
          const rank = part(price);
          ctx.fillStyle = inks[rank < 0.3 ? 0 : rank < 0.72 ? 1 : 2];
          ctx.globalAlpha = price_known[i] ? 0.82 : 0.28;
          ctx.fillRect(x0, Math.min(y, zero), Math.max(1, x1 - x0 - (x1 - x0 > 4 ? 1 : 0)), Math.max(1, Math.abs(y - zero)));
        });
        ctx.restore();
      },
    },
  };
}

/** @param {number} width @param {() => PlanAxis} axis @returns {uPlot.Options} */
export function priceOptions(width, axis) {
  const { x, y, ...rest } = common(width, 104, false);
  return {
    ...rest,
    series: [{}, { stroke: "transparent", width: 0, paths: stepped(), points: { show: false } }, { stroke: colour("muted"), width: 1, dash: [3, 3], paths: stepped(), points: { show: false } }],
    axes: [x, { ...y, space: 26, values: (_u, ticks) => ticks.map((v) => `${num(v)} ct`) }],
    scales: { y: { range: (_u, low, high) => [Math.min(0, low) * 1.1, Math.max(5, high) * 1.08] } },
    plugins: [barsPlugin(axis), nowPlugin(axis, "")],
  };
}

const LEVEL_INKS = { car: "cars", battery: "battery", load: "house" };

/** @param {number} width @param {() => PlanAxis} axis @param {{at_s: number, pct: number}[]} marks goals @returns {uPlot.Options} */
export function levelOptions(width, axis, marks) {
  const { x, y, ...rest } = common(width, 112, true);
  return {
    ...rest,
    series: [{}, ...levels(axis()).map((d, i) => ({ stroke: colour(LEVEL_INKS[d.kind]), width: 2, dash: i % 2 ? [6, 3] : [], points: { show: false } }))],
    axes: [x, { ...y, space: 26, values: (_u, ticks) => ticks.map((v) => `${num(v)} %`) }],
    scales: { y: { range: [0, 104] } },
    plugins: [nowPlugin(axis, ""), goalsPlugin(marks)],
  };
}

/** A flag at each goal. @param {{at_s: number, pct: number}[]} marks */
function goalsPlugin(marks) {
  return {
    hooks: {
      draw: (/** @type {uPlot} */ u) => {
        const { ctx } = u;
        const { left, width } = u.bbox;
        for (const { at_s, pct } of marks) {
          const [x, y] = [u.valToPos(at_s, "x", true), u.valToPos(pct, "y", true)];
          if (x < left || x > left + width) continue;
          ctx.save();
          ctx.fillStyle = ctx.strokeStyle = colour("ink");
          ctx.setLineDash([]);
          ctx.lineWidth = 1.5 * devicePixelRatio;
          ctx.beginPath();
          ctx.moveTo(x, u.bbox.top + u.bbox.height);
          ctx.lineTo(x, y);
          ctx.stroke();
          ctx.beginPath();
          ctx.moveTo(x, y - 5 * devicePixelRatio);
          ctx.lineTo(x - 9 * devicePixelRatio, y);
          ctx.lineTo(x, y + 5 * devicePixelRatio);
          ctx.fill();
          ctx.restore();
        }
      },
    },
  };
}
