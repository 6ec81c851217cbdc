import { stringifyJson } from '@fairway/protocol';
/** Writes JSON as kubectl does: keys sorted, 4 spaces, and no character that HTML minds. */
export function formatJson(value: unknown): string {
  return escapeForHtml(stringifyJson(sortKeys(value), 4) ?? 'null');
}

/** The same in one line. */
export function formatCompactJson(value: unknown): string {
  return escapeForHtml(stringifyJson(sortKeys(value)) ?? 'null');
}

/** The same value with the keys of every object in order. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, sortKeys(each)] as const);
  // Not assignment, which would take `__proto__` for more than a name.
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

function escapeForHtml(json: string): string {
  return json.replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
