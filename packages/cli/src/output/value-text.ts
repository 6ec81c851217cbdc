import { isJsonObject } from '@fairway/protocol';

/** As Go prints a value: `[a b]`, `map[a:b]`, `<nil>`. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(valueText).join(' ')}]`;
  if (!isJsonObject(value)) return String(value as string | number | bigint | boolean);
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `map[${entries.map(([name, each]) => `${name}:${valueText(each)}`).join(' ')}]`;
}
