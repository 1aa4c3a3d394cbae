// The plan's page: draws the axis out of the data block that came with the page, again each time the page is refreshed.
import { html, render } from "./vendor/htm-preact.js";
import { useEffect, useRef } from "./vendor/preact-hooks.js";
import { signal } from "./vendor/signals.js";
import uPlot from "./vendor/uplot.js";
import { send } from "./api.js";
import { FLOWS, levelData, levelOptions, levels, nowStep, powerData, powerOptions, priceData, priceOptions } from "./axis.js";
import { Lanes } from "./lanes.js";
import { language, session } from "./store.js";
import { dayMonth, hourMinute, num, power, t } from "./words.js";

const HOUR_S = 3600;
const BEFORE_S = 3 * HOUR_S;
const PHONE = 600;
const SOON_MS = [400, 1500, 3500];

const read = () => /** @type {{plan: PlanAnswer, faults: DemoFault[]}} */ (JSON.parse(document.getElementById("plan-data")?.textContent ?? ""));
const shown = signal(read());
const whole = signal(innerWidth >= PHONE);
/** The step that somebody points at. @type {import("./vendor/signals.js").Signal<number | null>} */
const pointed = signal(null);
const told = signal("");

document.addEventListener("kwartier:refreshed", () => (shown.value = read()));
/** Load the page's values now and a little later: a new plan takes a moment. */
const again = () => SOON_MS.forEach((ms) => setTimeout(() => document.dispatchEvent(new Event("kwartier:refresh")), ms));

/** What of the axis is shown. @param {PlanAxis} axis @returns {[number, number]} */
function view(axis) {
  const end_s = axis.start_s + axis.import_price.length * axis.step_s;
  if (whole.value) return [axis.start_s, end_s];
  const from_s = Math.max(axis.start_s, Math.floor((axis.now_s - BEFORE_S) / HOUR_S) * HOUR_S);
  return [from_s, Math.min(end_s, from_s + 24 * HOUR_S)];
}

/** One picture. @param {{name: string, label: string, data: uPlot.AlignedData, options: (width: number) => uPlot.Options, span: [number, number], remake: string}} props */
function Picture({ name, label, data, options, span, remake }) {
  const ref = useRef(/** @type {HTMLDivElement | null} */ (null));
  const plot = useRef(/** @type {uPlot | null} */ (null));
  const newest = useRef({ data, options, span });
  newest.current = { data, options, span };
  useEffect(() => {
    const box = /** @type {HTMLDivElement} */ (ref.current);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const draw = () => {
      plot.current?.destroy();
      const made = newest.current.options(box.clientWidth);
      made.hooks = { setCursor: [(u) => (pointed.value = u.cursor.idx ?? null)] };
      plot.current = new uPlot(made, newest.current.data, box);
      plot.current.setScale("x", { min: newest.current.span[0], max: newest.current.span[1] });
    };
    let width = 0;
    const resize = new ResizeObserver(() => {
      if (box.clientWidth === width) return;
      width = box.clientWidth;
      draw();
    });
    resize.observe(box);
    dark.addEventListener("change", draw);
    return () => {
      dark.removeEventListener("change", draw);
      resize.disconnect();
      plot.current?.destroy();
    };
  }, [remake]);
  useEffect(() => {
    plot.current?.batch(() => {
      plot.current?.setData(data, false);
      plot.current?.setScale("x", { min: span[0], max: span[1] });
    });
  }, [data, span[0], span[1]]);
  return html`<div class=${`picture ${name}`} ref=${ref} role="img" aria-label=${label}></div>`;
}

/** The figures of the step that is pointed at, of now otherwise. @param {{axis: PlanAxis}} props */
function Readout({ axis }) {
  const i = Math.min(pointed.value ?? nowStep(axis), axis.import_price.length - 1);
  const at_ms = (axis.start_s + i * axis.step_s) * 1000;
  const measured = i < nowStep(axis);
  const figures = FLOWS.toReversed().flatMap((name) => {
    const value_w = (measured ? axis.measured : axis.planned)[name]?.[i];
    return value_w == null ? [] : [html`<span key=${name}><i class=${name}></i>${t(`plan.${name}`)} <b>${power(name === "production_w" ? Math.abs(value_w) : value_w)}</b></span>`];
  });
  const price = axis.import_price[i];
  return html`<p class="readout small"><b>${dayMonth(new Date(at_ms).toISOString())} ${hourMinute(at_ms)}</b> <span class="muted">${t(measured ? "plan.measured" : "plan.planned")}</span> ${figures}
    ${price != null && html`<span><i class="price"></i>${t("plan.price")} <b>${num(100 * price, 1)} ct</b>${!axis.price_known[i] && html` <span class="muted">${t("plan.guessed")}</span>`}</span>`}
    ${levels(axis).map((d) => d.level_pct[i] != null && html`<span key=${d.id}><i class=${d.kind}></i>${d.name} <b>${num(Number(d.level_pct[i]))} %</b></span>`)}</p>`;
}

/** Faults that a visitor of the demonstration can make. */
function Demo() {
  const { faults } = shown.value;
  /** @param {DemoFault} fault */
  async function press(fault) {
    const demo = await send("POST", `/api/v1/demo/faults/${encodeURIComponent(fault.id)}`, { active: !fault.active });
    shown.value = { ...shown.value, faults: demo.faults };
    again();
  }
  if (!faults.length || !session.may_write) return null;
  return html`<div class="demo-buttons" role="group" aria-label=${t("plan.try")}>${faults.map((f) => html`<button key=${f.id} aria-pressed=${String(f.active)} onClick=${() => press(f)}>${(f.active ? f[`mend_${language}`] : null) ?? f[language]}</button>`)}</div>`;
}

function Axis() {
  const answer = shown.value.plan;
  const axis = /** @type {PlanAxis} */ (answer.axis);
  const span = view(axis);
  const newest = () => /** @type {PlanAxis} */ (shown.peek().plan.axis);
  const words = { now: t("plan.now_word"), peak: t("plan.peak_word"), limit: t("plan.limit_word") };
  const marks = answer.goals.flatMap((g) => (g.due && g.set && g.plugged && g.unit === "pct" && g.target != null ? [{ at_s: Date.parse(g.due) / 1000, pct: g.target }] : []));
  const has = levels(axis).map((d) => d.id).join(" ");
  return html`<div class="axis-tools"><div class="segments" role="group" aria-label=${t("plan.range")}>
      ${[false, true].map((all) => html`<button key=${String(all)} aria-pressed=${String(whole.value === all)} onClick=${() => (whole.value = all)}>${t(all ? "plan.range_all" : "plan.range_day")}</button>`)}</div><${Demo} /></div>
    <${Readout} axis=${axis} />
    <${Picture} name="power" label=${t("plan.picture_power")} data=${powerData(axis)} options=${(/** @type {number} */ w) => powerOptions(w, newest, words)} span=${span} remake="" />
    <${Lanes} plan=${answer} axis=${axis} from_s=${span[0]} to_s=${span[1]} may_write=${session.may_write} moved=${(/** @type {string} */ why) => { told.value = why; again(); }} />
    <h3 class="small muted">${t("plan.price_title")}${axis.price_known.includes(false) && html` <span class="guess-key"><i></i>${t("plan.guessed")}</span>`}</h3>
    <${Picture} name="prices" label=${t("plan.picture_price")} data=${priceData(axis)} options=${(/** @type {number} */ w) => priceOptions(w, newest)} span=${span} remake="" />
    ${has && html`<h3 class="small muted">${t("plan.level_title")}</h3><${Picture} name="levels" label=${t("plan.picture_level")} data=${levelData(axis)} options=${(/** @type {number} */ w) => levelOptions(w, newest, marks)} span=${span} remake=${`${has} ${marks.map((m) => `${m.at_s} ${m.pct}`).join(" ")}`} />`}
    <p class="small muted">${t("plan.hint")}</p>
    <p class="sr" role="status">${told.value}</p>`;
}

const place = document.getElementById("axis-place");
if (place && shown.peek().plan.axis) {
  place.textContent = "";
  render(html`<${Axis} />`, place);
}
