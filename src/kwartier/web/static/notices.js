// What people must know: banners on top, messages and meters below.
import { html } from "./vendor/htm-preact.js";
import { useSignal } from "./vendor/signals.js";
import { send } from "./api.js";
import { Icon } from "./icons.js";
import { language, session, silence_s, state } from "./store.js";
import { dayMonth, duration, hourSecond, power, t } from "./words.js";

const FIRST = 5;

function DemoBanner() {
  const { demo } = state.value;
  const busy = useSignal("");
  if (!demo) return null;
  /** @param {DemoFault} fault */
  async function toggle(fault) {
    busy.value = fault.id;
    try {
      await send("POST", `/api/v1/demo/faults/${encodeURIComponent(fault.id)}`, { active: !fault.active });
    } finally {
      busy.value = "";
    }
  }
  return html`<div class="banner demo">
    <p><b>${t("demo.title")}.</b> ${demo[`story_${language}`] ?? demo.story} ${demo.speed !== 1 && t("demo.speed", { speed: demo.speed })} ${session.open_demo && t("demo.open")}</p>
    <p class="buttons">${demo.faults.map((f) => html`<button key=${f.id} aria-pressed=${String(f.active)} disabled=${busy.value === f.id || !session.may_write} onClick=${() => toggle(f)}>
      ${f.active && html`<${Icon} name="warn" />`}${f.active ? `${t("demo.mend")}: ${f[language]}` : f[language]}</button>`)}</p>
  </div>`;
}

export function Banners() {
  const { recording } = state.value;
  return html`<div class="banners">
    <div role="alert">${silence_s.value > 0 && html`<p class="banner error"><${Icon} name="warn" />${t("live.lost_text", { age: duration(silence_s.value) })}</p>`}</div>
    <div role="status">
      ${!recording.ok && html`<p class="banner warning"><${Icon} name="warn" />${t("recording.problem", { problem: recording.why?.[language] ?? recording.problem ?? "" })} ${recording.queued > 0 && t("recording.queued", { count: recording.queued })}</p>`}
      ${!session.has_password && !session.open_demo && html`<p class="banner warning"><${Icon} name="info" />${t("setup.needed")} <a href="/setup">${t("setup.title")}</a></p>`}
    </div>
    <${DemoBanner} />
  </div>`;
}

/** @param {{message: Message}} props */
function Line({ message }) {
  const icon = message.level === "info" ? "info" : "warn";
  return html`<li class=${`message ${message.level}`}>
    <${Icon} name=${icon} /><div><span class="small muted"><b>${t(`level.${message.level}`)}</b> · <time datetime=${message.at}>${dayMonth(message.at)} ${hourSecond(message.at)}</time></span>
    <p>${message[language]}</p></div>
  </li>`;
}

export function Messages() {
  const { messages } = state.value;
  const all = useSignal(false);
  const shown = all.value ? messages : messages.slice(0, FIRST);
  return html`<section class="card messages" aria-labelledby="messages-title">
    <h2 id="messages-title">${t("messages.title")}</h2>
    ${messages.length === 0 ? html`<p class="muted">${t("messages.none")}</p>` : html`<ul>${shown.map((m) => html`<${Line} key=${m.at + m.device_id + m.en} message=${m} />`)}</ul>`}
    ${shown.length < messages.length && html`<button onClick=${() => (all.value = true)}>${t("messages.more", { count: messages.length })}</button>`}
  </section>`;
}

const GOOD = new Set(["fresh", "recovering"]);

export function Meters() {
  return html`<section class="card meters" aria-labelledby="meters-title">
    <h2 id="meters-title">${t("meters.title")}</h2>
    <ul>${state.value.meters.map((m) => html`<li key=${m.id} class=${m.status}>
      <${Icon} name=${GOOD.has(m.status) ? "check" : "warn"} /><div><b>${m.name}</b> <span class="small muted">${m.address}</span>
      <p>${power(m.power_w)} · ${t(`meter.${m.status}`)}${m.age_s != null && html` · ${t("point.age", { age: duration(m.age_s) })}`}${m.currents_estimated && html` · ${t("meter.estimated")}`}</p>
      ${m.fault && !GOOD.has(m.status) && html`<p class="small muted">${m.fault.what}</p>`}</div></li>`)}</ul>
  </section>`;
}
