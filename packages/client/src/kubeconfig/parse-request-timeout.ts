/**
 * Milliseconds in kubectl's `--request-timeout`: `30` (seconds), `30s`, `1h30m`, `500ms`.
 *
 * Shape: undefined for `0`, which asks for no bound, and `'malformed'` for anything else.
 */
export function parseRequestTimeout(text: string): number | undefined | 'malformed' {
  const isBare = /^\d+$/.test(text);
  if (!isBare && !/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return 'malformed';
  let timeoutMs = 0;
  for (const [, amount, unit = 's'] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)?/g)) {
    timeoutMs += Number(amount) * (unitMs[unit] ?? 0);
  }
  return timeoutMs > timeoutMsMax ? 'malformed' : timeoutMs || undefined;
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** What a timer can wait for. */
const timeoutMsMax = 2 ** 31 - 1;
