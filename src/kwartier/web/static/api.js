// Writes, and reads that do not come with the stream.

/** @param {string} path @param {RequestInit} [options] */
export async function call(path, options) {
  const response = await fetch(path, options);
  if (response.ok) return response.status === 204 ? null : response.json();
  if (response.status === 401) location.assign("/login?next=/");
  const problem = await response.json().catch(() => ({ detail: `HTTP ${response.status}` }));
  throw new Error(problem.detail);
}

/** @type {Map<string, unknown[]>} */
const queues = new Map();

/** Send changes of one thing one after the other, so that the last one asked is the last one made. What
 * still waits is merged: a slider moved by ten steps is at most two requests.
 * @param {string} path @param {Record<string, unknown>} body */
export async function patch(path, body) {
  const waiting = queues.get(path);
  if (waiting) {
    waiting.push(body);
    return;
  }
  queues.set(path, [body]);
  try {
    for (let next = queues.get(path); next?.length; next = queues.get(path)) {
      queues.set(path, []);
      await send("PATCH", path, Object.assign({}, ...next));
    }
  } finally {
    queues.delete(path);
  }
}

/** @param {string} method @param {string} path @param {unknown} [body] */
export function send(method, path, body) {
  return call(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}
