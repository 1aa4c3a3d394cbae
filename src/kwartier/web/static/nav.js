// The way to the other pages of the site; sheets.py has the same list for the pages that the server makes.
import { html } from "./vendor/htm-preact.js";
import { state } from "./store.js";
import { num, t } from "./words.js";

const SECTIONS = /** @type {const} */ ([
  ["/", "dashboard"], ["/plan", "plan"], ["/savings", "savings"], ["/limits", "limits"], ["/peaks", "peaks"], ["/alarms", "alarms"], ["/fire", "fire"],
  ["/proof", "proof"], ["/simple", "simple"],
]);

/** Pages that only a site with a planner has. @type {Set<string>} */
const OF_A_PLAN = new Set(["/plan", "/savings"]);

export function Pages() {
  const waiting = (state.value.alarms ?? []).filter((alarm) => alarm.acknowledged_at == null).length;
  return html`<nav class="pages" aria-label=${t("nav.label")}><ul>
    ${SECTIONS.filter(([href]) => state.value.plan != null || !OF_A_PLAN.has(href)).map(([href, name]) => html`<li key=${href}><a href=${href} aria-current=${href === "/" ? "page" : undefined}>${t(`nav.${name}`)}
      ${name === "alarms" && waiting > 0 && html`<b class="count"><span class="sr">${t("nav.waiting")} </span>${num(waiting)}</b>`}</a></li>`)}
  </ul></nav>`;
}
