// Keeps a page of the server live: fetches it again and takes over what changed, node by node, so that focus,
// open folds, selections and half-filled forms stay as they are. Without JavaScript the page reloads itself.

const sheet = /** @type {HTMLElement} */ (document.querySelector("[data-refresh]"));
const every_ms = Number(sheet.dataset.refresh) * 1000;
const PARTS = ["#live", "#nav", "main"];
/** What belongs to the reader once it is on the page. */
const THEIRS = new Set(["INPUT", "TEXTAREA", "SELECT"]);
/** Attributes that the reader sets. An element with `data-own` is drawn by a script of its page and left alone. */
const KEPT = new Set(["open"]);

/** @param {Element} old @param {Element} next */
function attributes(old, next) {
  for (const { name, value } of next.attributes) {
    if (!KEPT.has(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    if (!KEPT.has(name) && !next.hasAttribute(name)) old.removeAttribute(name);
  }
}

/** The id; not as a property, which a field called "id" in a form would hide. @param {Element} element */
const idOf = (element) => element.getAttribute("id") ?? "";

/** Whether both are the same thing at two moments. @param {Node} old @param {Node} next */
function same(old, next) {
  if (old.nodeName !== next.nodeName) return false;
  return !(old instanceof Element) || idOf(old) === idOf(/** @type {Element} */ (next));
}

/** @param {Node} old @param {Node} next */
function morph(old, next) {
  if (!(old instanceof Element)) {
    if (old.nodeValue !== next.nodeValue) old.nodeValue = next.nodeValue;
    return;
  }
  if (THEIRS.has(old.nodeName) || old.hasAttribute("data-own") || old.isEqualNode(next)) return;
  attributes(old, /** @type {Element} */ (next));
  children(old, next);
}

/** @param {Element} old @param {Node} next */
function children(old, next) {
  const named = new Map([...old.children].flatMap((child) => (idOf(child) ? [[idOf(child), child]] : [])));
  /** The next of the old ones that is not dealt with. @type {Node | null} */
  let at = old.firstChild;
  for (const wanted of [...next.childNodes]) {
    const known = wanted instanceof Element && idOf(wanted) ? named.get(idOf(wanted)) : at;
    if (!known || !same(known, wanted)) {
      old.insertBefore(document.importNode(wanted, true), at);
      continue;
    }
    if (known === at) at = at.nextSibling;
    else old.insertBefore(known, at);
    morph(known, wanted);
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    old.removeChild(gone);
  }
}

/** @param {boolean} lost */
function tell(lost) {
  const line = /** @type {HTMLElement} */ (document.querySelector("#live"));
  line.classList.toggle("lost", lost);
  if (lost) /** @type {HTMLElement} */ (line.querySelector("span")).textContent = line.dataset.lost ?? "";
}

async function refresh() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of PARTS) {
      const [old, next] = [document.querySelector(part), page.querySelector(part)];
      if (old && next) morph(old, next);
    }
    tell(false);
    document.dispatchEvent(new Event("kwartier:refreshed"));
  } catch {
    tell(true);
  }
}

async function run() {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, every_ms));
    if (!document.hidden) await refresh();
  }
}

document.addEventListener("kwartier:refresh", refresh);
run();
