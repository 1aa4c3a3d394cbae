// The editor of a goal: shows what it comes to while it is being typed. Without this script the button "Look" does so.

const form = /** @type {HTMLFormElement} */ (document.getElementById("goal-form"));
const body = /** @type {HTMLElement} */ (document.getElementById("preview-body"));
/** @type {{language: Language, currency: string, now: string, words: Record<string, string>}} */
const { language, currency, now, words } = JSON.parse(document.getElementById("goal-data")?.textContent ?? "");
const PAUSE_MS = 350;
const NUMBERS = ["target", "at_once", "battery_kwh", "level_pct", "kwh_per_100km"];
/** Where the sign of a currency follows the amount. */
const SIGN_LAST = ["fr", "de"];
const LARGEST = { pct: 100, kwh: 60, km: 300 };

/** @param {string} name */
const field = (name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
/** @param {string} name */
const chosen = (name) => String(new FormData(form).get(name) ?? "");

/** @param {number} value @param {number} digits */
const num = (value, digits) => new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
/** @param {number | null} value */
function money(value) {
  if (value == null) return "–";
  const sign = currency === "EUR" ? "€" : currency;
  return SIGN_LAST.includes(language) ? `${num(value, 2)}\u00a0${sign}` : `${sign}\u00a0${num(value, 2)}`;
}
/** The time alone today, after its day otherwise; moments come with the site's own offset. @param {string | null} at */
function soon(at) {
  if (!at) return "–";
  if (at.slice(0, 10) === now.slice(0, 10)) return at.slice(11, 16);
  const day = new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" }).format(new Date(`${at.slice(0, 10)}T12:00:00Z`));
  return `${day} ${at.slice(11, 16)}`;
}

/** What the form asks, as the API takes it; null: no goal to look at. */
function asked() {
  if (chosen("mode") !== "smart" || !chosen("target")) return null;
  /** @type {Record<string, unknown>} */
  const out = { mode: "smart", unit: chosen("unit"), at: chosen("at") || undefined, style: chosen("style") || undefined };
  for (const name of NUMBERS) if (chosen(name)) out[name] = Number(chosen(name));
  out.weekdays = new FormData(form).getAll("weekdays").map(Number);
  return out;
}

/** @param {string} tag @param {string} text @param {string} [looks] */
function made(tag, text, looks = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = looks;
  return element;
}

/** @param {string} name @param {string} value @param {string} [more] */
function figure(name, value, more = "") {
  const line = document.createElement("p");
  line.append(made("span", name, "muted"), " ", made("b", value));
  if (more) line.append(" ", made("small", more, "muted"));
  return line;
}

const brief = /** @type {HTMLElement} */ (document.getElementById("brief"));

/** @param {PlanPreview} found */
function show(found) {
  brief.textContent = `${words.finish} ${soon(found.finish)} · ${money(found.cost_eur)}`;
  const worst = found.warnings.find((w) => w.code === "unreachable");
  if (worst) brief.textContent = worst[language];
  const hero = made("div", "", "hero");
  hero.append(
    figure(words.finish, soon(found.finish)),
    figure(words.energy, `${num(found.planned_kwh, 1)} kWh`),
    figure(words.costs, money(found.cost_eur), found.at_once_eur == null ? "" : words.at_once.replace("{amount}", money(found.at_once_eur))),
  );
  const list = made("ul", "", "preview-blocks");
  for (const block of found.blocks) {
    const line = document.createElement("li");
    line.append(made("b", `${soon(block.start)} – ${soon(block.end)}`), ` ${num(block.power_w / 1000, 1)} kW`, block.price_eur_per_kwh == null ? "" : ` · ${num(100 * block.price_eur_per_kwh, 1)}\u00a0ct`);
    list.append(line);
  }
  body.replaceChildren(...found.warnings.map((w) => made("p", w[language], "banner warning")), hero, ...(found.blocks.length ? [list] : []));
}

let latest = 0;
async function look() {
  const wish = asked();
  latest += 1;
  const mine = latest;
  if (!wish) {
    body.replaceChildren(made("p", words.none, "muted"));
    brief.textContent = "";
    return;
  }
  body.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.dataset.preview ?? "", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(wish) });
    const found = await answer.json();
    if (mine !== latest) return;
    if (answer.ok) show(found);
    else {
      body.replaceChildren(made("p", found.detail, "note error"));
      brief.textContent = found.detail;
    }
  } catch {
    if (mine === latest) body.replaceChildren(made("p", words.none, "muted"));
  } finally {
    if (mine === latest) body.removeAttribute("aria-busy");
  }
}

let waiting = 0;
function soonLook() {
  clearTimeout(waiting);
  waiting = window.setTimeout(look, PAUSE_MS);
}

const slider = /** @type {HTMLInputElement} */ (document.getElementById("f-slider"));
/** Show what belongs to the chosen mode and unit. */
function arrange() {
  const mode = chosen("mode");
  form.classList.toggle("no-goal", mode !== "smart");
  for (const text of document.querySelectorAll("[data-mode]")) /** @type {HTMLElement} */ (text).hidden = text.getAttribute("data-mode") !== mode;
  const unit = /** @type {"pct" | "kwh" | "km"} */ (chosen("unit"));
  slider.max = String(LARGEST[unit] ?? 100);
  slider.value = chosen("target") || "0";
  for (const chip of document.querySelectorAll("[data-target]")) {
    const same = chip.getAttribute("data-target") === chosen("target") && chip.getAttribute("data-unit") === unit;
    chip.setAttribute("aria-pressed", String(same));
  }
}

if (!field("target").disabled) {
  const presets = /** @type {HTMLElement} */ (document.querySelector("[data-presets]"));
  presets.hidden = slider.hidden = false;
  presets.addEventListener("click", (event) => {
    const chip = /** @type {HTMLElement} */ (event.target).closest("[data-target]");
    if (!chip) return;
    field("target").value = chip.getAttribute("data-target") ?? "";
    /** @type {HTMLSelectElement} */ (/** @type {unknown} */ (field("unit"))).value = chip.getAttribute("data-unit") ?? "pct";
    arrange();
    soonLook();
  });
  slider.addEventListener("input", (event) => {
    event.stopPropagation();
    field("target").value = slider.value;
    arrange();
    soonLook();
  });
  form.addEventListener("input", () => {
    arrange();
    soonLook();
  });
  form.classList.add("scripted");
  arrange();
  look();
}
