// What the fire and emergency inputs stop, on top of the page.
import { html } from "./vendor/htm-preact.js";
import { Icon } from "./icons.js";
import { state } from "./store.js";
import { num, t } from "./words.js";

/** @returns {FireInput[]} */
export const inputs = () => state.value.inputs ?? [];

/** Which sentence; empty: all is well. @param {FireInput} input */
function kind(input) {
  if (input.state === "alarm") return input.kind;
  if (input.state === "quiet") return input.testing ? "testing" : "";
  return input.state === "starting" && !input.stopped ? "" : input.state;
}

/** @param {{input: FireInput}} props */
function Line({ input }) {
  const latched = input.state === "alarm" || input.state === "fault";
  const figures = { name: input.name, count: num(input.charge_points), returned: num(input.returned) };
  return html`<p class=${`banner ${input.stopped ? "error fire" : "warning"}`}><${Icon} name="warn" /><span>${t(`fire.banner_${kind(input)}`, figures)}
    ${latched && html` ${t(`fire.level_${input.level ?? "none"}`)}`} <a href="/fire">${t(latched ? "fire.open" : "fire.page")}</a></span></p>`;
}

export function Fire() {
  return html`<div role="alert">${inputs().filter(kind).map((input) => html`<${Line} key=${input.id} input=${input} />`)}</div>`;
}
