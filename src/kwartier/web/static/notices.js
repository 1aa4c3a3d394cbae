// What people must know: banners on top, messages below.
import { html } from "./vendor/htm-preact.js";
import { useSignal } from "./vendor/signals.js";
import { Alarms } from "./alarms.js";
import { send } from "./api.js";
import { Fire } from "./fire.js";
import { Icon } from "./icons.js";
import { language, session, silence_s, state } from "./store.js";
import { dayMonth, duration, hourSecond, num, t } from "./words.js";

const FIRST = 5;

/** What its button does now. @param {DemoFault} fault */
function deed(fault) {
  return fault.active ? fault[`mend_${language}`] ?? `${t("demo.mend")}: ${fault[language]}` : fault[language];
}

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
    <details><summary><b>${t("demo.title")}</b>${demo.speed !== 1 && html`, ${t("demo.speed", { speed: num(demo.speed, Number.isInteger(demo.speed) ? 0 : 1) })}`}</summary>
      <p>${demo[`story_${language}`] ?? demo.story} ${session.open_demo && t("demo.open")}</p></details>
    <p class="buttons">${demo.faults.map((f) => html`<button key=${f.id} class=${f.active ? "active" : ""} disabled=${busy.value === f.id || !session.may_write} onClick=${() => toggle(f)}>
      ${f.active && html`<${Icon} name="plug" />`}${deed(f)}</button>`)}</p>
  </div>`;
}

export function Banners() {
  const { recording } = state.value;
  return html`<div class="banners">
    <div role="alert">${silence_s.value > 0 && html`<p class="banner error"><${Icon} name="warn" /><span>${t("live.lost_text", { age: duration(silence_s.value) })}</span></p>`}</div>
    <${Fire} />
    <${Alarms} />
    <div role="status">
      ${!recording.ok && html`<p class="banner warning"><${Icon} name="warn" /><span>${t("recording.problem", { problem: recording.why?.[language] ?? recording.problem ?? "" })} ${recording.queued > 0 && t("recording.queued", { count: num(recording.queued) })}</span></p>`}
      ${!session.has_password && !session.open_demo && html`<p class="banner warning"><${Icon} name="info" /><span>${t("setup.needed")} <a href="/setup">${t("setup.title")}</a></span></p>`}
    </div>
    <${DemoBanner} />
  </div>`;
}

/** @param {{message: Message}} props */
function Line({ message }) {
  const icon = message.level === "info" ? "info" : "warn";
  const today = message.at.slice(0, 10) === state.value.at.slice(0, 10);
  return html`<li class=${`message ${message.level}`}>
    <${Icon} name=${icon} /><div><span class="small muted"><b>${t(`level.${message.level}`)}</b> · <time datetime=${message.at}>${today ? "" : `${dayMonth(message.at)} `}${hourSecond(message.at)}</time></span>
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
    ${messages.length > FIRST && html`<button aria-expanded=${String(all.value)} onClick=${() => (all.value = !all.value)}>${all.value ? t("messages.fewer") : t("messages.more", { count: messages.length })}</button>`}
  </section>`;
}
