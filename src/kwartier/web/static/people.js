// Who charges where: asked for by those who are logged in, anew when a car comes or goes. The stream holds no names.
import { effect, signal } from "./vendor/signals.js";
import { session, state } from "./store.js";

/** Name by charge point. @type {import("./vendor/signals.js").Signal<Record<string, string>>} */
export const people = signal({});
const AGAIN_MS = 15_000; // a card may be read some time after the car was plugged in

let asked_of = "";
let asked_ms = -AGAIN_MS;

/** Keep `people` up to date. */
export function follow() {
  if (!session.may_write) return;
  effect(() => {
    const cars = state.value.charge_points.filter((p) => p.plugged).map((p) => `${p.id} ${p.session_start}`).join();
    const now_ms = performance.now();
    if (cars === asked_of && (!cars || now_ms - asked_ms < AGAIN_MS)) return;
    [asked_of, asked_ms] = [cars, now_ms];
    ask();
  });
}

async function ask() {
  try {
    const response = await fetch("/api/v1/users");
    /** @type {{charge_point: string, name: string}[]} */
    const found = response.ok ? await response.json() : [];
    people.value = Object.fromEntries(found.map((p) => [p.charge_point, p.name]));
  } catch {
    people.value = {}; // no name is better than one of before
  }
}
