// Line icons on a 24 x 24 field; always next to words, so hidden from screen readers.
import { html } from "./vendor/htm-preact.js";

export const PATHS = {
  grid: "M12 2 7 22M12 2l5 20M5 8h14M7 8l8.5 8M17 8l-8.5 8M8.5 16h7",
  sun: "M12 7.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM12 1.5v2.5M12 20v2.5M1.5 12H4M20 12h2.5M4.6 4.6l1.8 1.8M17.6 17.6l1.8 1.8M4.6 19.4l1.8-1.8M17.6 6.4l1.8-1.8",
  house: "M3 11.5 12 4l9 7.5M5.5 9.5V20h13V9.5M10 20v-6h4v6",
  car: "M3 16v-3.5l2-1 2-5h10l2 5 2 1V16ZM5 16v2.5M19 16v2.5M5.5 11.5h13M7 13.8h.01M17 13.8h.01",
  battery: "M3 8h15v8H3ZM18 10.5h2.5v3H18M6 10.5v3M9.5 10.5v3",
  bolt: "M13 2 5 13.5h5.5L10 22l8.5-12H13Z",
  plug: "M9 2v5M15 2v5M6.5 7h11v4a5.5 5.5 0 0 1-11 0ZM12 16.5V22",
  free: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16Z",
  warn: "M12 3.5 2 20.5h20ZM12 10v5M12 17.8h.01",
  check: "m4.5 12.5 5 5 10-11",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM12 7.5V12l3.2 2",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM12 11v5.5M12 7.6h.01",
  shield: "M12 2.5 4.5 5.5v6c0 5 3.2 8.2 7.5 10 4.3-1.8 7.5-5 7.5-10v-6Z",
};

/** @param {{name: keyof typeof PATHS}} props */
export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${PATHS[name]} /></svg>`;
}
