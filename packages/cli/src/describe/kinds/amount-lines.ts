import { formatAmount } from '@fairway/kind-rules/shown';
import { type Lines, field, section } from '../lines.ts';

/** Amounts of resources in the order of their names; nothing when there are none. */
export function amountLines(
  title: string,
  amounts: Readonly<Record<string, string | number | undefined>> = {},
): Lines {
  const names = Object.keys(amounts).sort();
  if (names.length === 0) return [];
  const told = names.map((name) => field(name, formatAmount(String(amounts[name]))));
  return section(title, told);
}
