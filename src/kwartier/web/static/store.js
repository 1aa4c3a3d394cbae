// The one place where the page's data lives: the newest document, and what was asked but not yet seen in it.
import { signal } from "./vendor/signals.js";

const block = /** @type {HTMLElement} */ (document.getElementById("boot"));
/** @type {Boot} */
const boot = JSON.parse(block.textContent ?? "");

export const language = boot.language;
export const languages = boot.languages;
export const words = boot.words;
export const session = boot.session;
export const state = signal(boot.state);

/** Seconds without news, once they are worth telling; 0 while all is well. */
export const silence_s = signal(0);
const SILENT_AFTER_S = 5;
let heard_ms = performance.now();

/** Wishes that the document does not show yet, by charge point.
 * @type {import("./vendor/signals.js").Signal<Record<string, Partial<Wish> & {asked_ms: number}>>} */
export const asked = signal({});
const ASKED_FOR_MS = 6000;

/** The point as its owner wants to see it: with a wish that is under way.
 * @param {ChargePoint} point @returns {ChargePoint} */
export function wanted(point) {
  const wish = asked.value[point.id];
  return wish ? { ...point, ...wish } : point;
}

/** @param {string} id @param {Partial<Wish>} wish */
export function ask(id, wish) {
  asked.value = { ...asked.value, [id]: { ...asked.value[id], ...wish, asked_ms: performance.now() } };
}

/** @param {string} id */
export function forget(id) {
  const { [id]: _gone, ...rest } = asked.value;
  asked.value = rest;
}

/** @param {State} next */
function receive(next) {
  heard_ms = performance.now();
  silence_s.value = 0;
  state.value = next;
  for (const point of next.charge_points) {
    const wish = asked.value[point.id];
    if (!wish) continue;
    const seen = (wish.mode ?? point.mode) === point.mode && (!("limit_a" in wish) || wish.limit_a === point.limit_a);
    if (seen || heard_ms - wish.asked_ms > ASKED_FOR_MS) forget(point.id);
  }
}

function listen() {
  const source = new EventSource("/api/v1/stream");
  source.onmessage = (event) => receive(JSON.parse(event.data));
  source.onerror = () => {
    // A browser retries a cut line by itself, but gives up for good on an HTTP error.
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
  };
}

/** Start the live stream and the watch over it. */
export function start() {
  listen();
  setInterval(() => {
    const silent_s = Math.floor((performance.now() - heard_ms) / 1000);
    silence_s.value = silent_s >= SILENT_AFTER_S ? silent_s : 0;
  }, 1000);
}
