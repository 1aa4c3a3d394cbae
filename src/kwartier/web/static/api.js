// Writes, and reads that do not come with the stream.

/** @param {string} path @param {RequestInit} [options] */
export async function call(path, options) {
  const response = await fetch(path, options);
  if (response.ok) return response.status === 204 ? null : response.json();
  if (response.status === 401) location.assign("/login?next=/");
  const problem = await response.json().catch(() => ({ detail: `HTTP ${response.status}` }));
  throw new Error(problem.detail);
}

/** @param {string} method @param {string} path @param {unknown} [body] */
export function send(method, path, body) {
  return call(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}
