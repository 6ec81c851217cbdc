import { isJsonObject } from '@fairway/protocol';

/**
 * Tells templates apart in the names and labels of what is made from them: 8 to 10 characters that make no
 * word. `collisionCount` makes another hash of the same template, for where the first one is taken.
 *
 * Equal for equal JSON, whatever the order of its fields; the templates of a Kubernetes cluster have other
 * hashes there, of the same shape.
 */
export function templateHash(template: object, collisionCount = 0): string {
  const counted = collisionCount === 0 ? '' : `#${collisionCount}`;
  const digits = String(fnv32a(`${sortedJson(template)}${counted}`)).padStart(charactersMin, '0');
  return [...digits].map((digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join('');
}

const charactersMin = 8;
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Source: draft-eastlake-fnv. */
function fnv32a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** JSON with the fields of every object in one order. */
function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (typeof value === 'bigint') return String(value);
  if (!isJsonObject(value)) return JSON.stringify(value);
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  const fields = keys.sort().map((key) => `${JSON.stringify(key)}:${sortedJson(value[key])}`);
  return `{${fields.join(',')}}`;
}
