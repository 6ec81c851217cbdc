/** Writes a Duration of the API: `1h0m0s`, `1.5s`, `250ms`. Unit: milliseconds. */
export function formatDuration(ms: number): string {
  const wholeMs = Math.trunc(ms);
  const signed = BigInt(wholeMs) * 1_000_000n + BigInt(Math.round((ms - wholeMs) * 1e6));
  const sign = signed < 0n ? '-' : '';
  const nanos = signed < 0n ? -signed : signed;
  if (nanos === 0n) return '0s';
  if (nanos < 1000n) return `${sign}${nanos}ns`;
  if (nanos < 1_000_000n) return `${sign}${decimal(nanos, 3)}µs`;
  if (nanos < second) return `${sign}${decimal(nanos, 6)}ms`;
  const minutes = nanos / (60n * second);
  const seconds = `${decimal(nanos % (60n * second), 9)}s`;
  if (minutes === 0n) return sign + seconds;
  if (minutes < 60n) return `${sign}${minutes}m${seconds}`;
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** Reads a Duration of the API (`1h30m`, `-1.5s`); milliseconds; undefined when malformed. */
export function parseDuration(text: string): number | undefined {
  const nanos = parseDurationNanos(text);
  return nanos === undefined
    ? undefined
    : Number(nanos / 1_000_000n) + Number(nanos % 1_000_000n) / 1e6;
}

/** The same in nanoseconds. Undefined also for what is beyond 292 years. */
export function parseDurationNanos(text: string): bigint | undefined {
  const match = /^([+-]?)((?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|0)$/.exec(text);
  if (match === null) return undefined;
  const [, sign, terms = ''] = match;
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of terms.matchAll(
    /(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g,
  )) {
    const size = unitNanos.get(unit) ?? 0n;
    if (whole.length > 19) return undefined;
    const kept = fraction.slice(0, 18);
    nanos +=
      BigInt(whole || '0') * size + (BigInt(kept || '0') * size) / 10n ** BigInt(kept.length);
    if (nanos > nanosMax) return undefined;
  }
  return sign === '-' ? -nanos : nanos;
}

/**
 * Writes an age as kubectl prints it: `45s`, `3m20s`, `3h20m`, `5d`; `<invalid>` for what lies in
 * the future by more than a second of clock skew. Unit: milliseconds.
 */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  const minutes = Math.trunc(seconds / 60);
  const hours = Math.trunc(minutes / 60);
  const days = Math.trunc(hours / 24);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return `${minutes}m${unlessZero(seconds % 60, 's')}`;
  if (minutes < 180) return `${minutes}m`;
  if (hours < 8) return `${hours}h${unlessZero(minutes % 60, 'm')}`;
  if (hours < 48) return `${hours}h`;
  if (days < 8) return `${days}d${unlessZero(hours % 24, 'h')}`;
  if (days < 365 * 2) return `${days}d`;
  if (days < 365 * 8) return `${Math.trunc(days / 365)}y${unlessZero(days % 365, 'd')}`;
  return `${Math.trunc(days / 365)}y`;
}

const second = 1_000_000_000n;
const nanosMax = 2n ** 63n - 1n;

const unitNanos: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1000n],
  ['µs', 1000n],
  ['μs', 1000n],
  ['ms', 1_000_000n],
  ['s', second],
  ['m', 60n * second],
  ['h', 3600n * second],
]);

function decimal(amount: bigint, places: number): string {
  const unit = 10n ** BigInt(places);
  const fraction = String(amount % unit)
    .padStart(places, '0')
    .replace(/0+$/, '');
  return fraction === '' ? String(amount / unit) : `${amount / unit}.${fraction}`;
}

function unlessZero(amount: number, unit: string): string {
  return amount === 0 ? '' : `${amount}${unit}`;
}
