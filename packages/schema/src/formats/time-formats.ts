export function isDate(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const day = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
}

/** Without leap seconds, and with `T` only. Source: RFC 3339 §5.6, as kube-openapi, strfmt reads it. */
export function isDateTime(value: string): boolean {
  const match =
    /^(\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/.exec(
      value,
    );
  return match?.[1] !== undefined && isDate(match[1]);
}

const units: readonly (readonly [short: string, ...others: string[]])[] = [
  ['ns', 'nano'],
  ['us', 'µs', 'micro'],
  ['ms', 'milli'],
  ['s', 'sec'],
  ['m', 'min'],
  ['h', 'hr', 'hour'],
  ['d', 'day'],
  ['w', 'wk', 'week'],
];

/**
 * `1h30m`, `300ms`; and in words, of which one that is understood is enough: `3 days`.
 * Source: Go, time.ParseDuration; kube-openapi, strfmt.
 */
export function isDuration(value: string): boolean {
  if (/^[+-]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/.test(value)) return true;
  for (const [, unit = ''] of value.matchAll(/\d+\s*([A-Za-zµ]*)/g)) {
    if (unit !== '' && isUnit(unit.toLowerCase())) return true;
  }
  return false;
}

/** The longest form of each stands for all that begin so: `seconds`, `minutes`. */
function isUnit(unit: string): boolean {
  return units.some((forms) => forms.includes(unit) || unit.startsWith(forms.at(-1) ?? ''));
}
