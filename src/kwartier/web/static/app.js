// The dashboard: puts the parts on the page and starts the live stream.
import { html, render } from "./vendor/htm-preact.js";
import { send } from "./api.js";
import { Batteries } from "./batteries.js";
import { Chart } from "./chart.js";
import { Circuits, TALL_FROM } from "./circuits.js";
import { Flow } from "./flow.js";
import { Meters } from "./meters.js";
import { Pages } from "./nav.js";
import { Banners, Messages } from "./notices.js";
import { follow } from "./people.js";
import { Points } from "./points.js";
import { QuarterCard } from "./quarter.js";
import { language, languages, session, silence_s, start, state } from "./store.js";
import { hourSecond, t } from "./words.js";

async function logout() {
  await send("DELETE", "/api/v1/session");
  location.reload();
}

function Header() {
  const lost = silence_s.value > 0;
  return html`<header class="top">
    <img src="/static/icon.svg" alt="" width="36" height="36" />
    <div class="title"><h1>${state.value.site.name}</h1>
    <p class=${lost ? "live lost" : "live"}><i aria-hidden="true"></i>${t(lost ? "live.lost" : "live.now")} <time datetime=${state.value.at}>${hourSecond(state.value.at)}</time></p></div>
    <div class="tools">
      <ul class="languages" role="list" aria-label=${t("language.label")}>${languages.filter((l) => l !== language).map((l) => html`<li key=${l}><a href=${`/?lang=${l}`} lang=${l} hreflang=${l}>${l.toUpperCase()}<span class="sr"> ${t(`language.${l}`)}</span></a></li>`)}</ul>
      ${session.logged_in && html`<button onClick=${logout}>${t("login.out")}</button>`}
      ${!session.may_write && session.has_password && html`<a class="button" href="/login?next=/">${t("login.needed")}</a>`}
    </div>
    <${Pages} />
  </header>`;
}

function App() {
  return html`<a class="skip" href="#values">${t("page.skip")}</a><${Header} /><main id="values" tabindex="-1" class=${silence_s.value > 0 ? "lost" : ""}>
    <${Banners} />
    <div class=${state.value.circuits.length > TALL_FROM ? "board tall" : "board"}><${Flow} /><${QuarterCard} /><${Circuits} /><${Points} /><${Batteries} /><${Chart} /><${Messages} /><${Meters} /></div>
  </main>
  <footer class="bottom small muted">Kwartier ${state.value.site.version} · <a href="/api/openapi.json">${t("page.api")}</a></footer>`;
}

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
root.textContent = "";
follow();
render(html`<${App} />`, root);
start();
