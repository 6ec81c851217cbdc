const formatters = new Map<string, Intl.DateTimeFormat>();

/** What clocks of a zone are ahead of UTC at an instant, in milliseconds. Errors: `RangeError` for no zone. */
export function zoneOffsetMs(zone: string, atMs: number): number {
  if (zone === 'UTC') return 0;
  const parts = formatterOf(zone).formatToParts(atMs);
  const part = (type: string): number =>
    Number(parts.find((each) => each.type === type)?.value ?? 0);
  const wallMs = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return wallMs - Math.floor(atMs / 1_000) * 1_000;
}

/** An instant as clocks of a zone show it: `2026-01-01T01:00:00+01:00`. */
export function formatZonedTime(zone: string, atMs: number): string {
  const offsetMs = zoneOffsetMs(zone, atMs);
  const wall = new Date(atMs + offsetMs).toISOString().slice(0, 19);
  if (offsetMs === 0) return `${wall}Z`;
  const minutes = Math.floor(Math.abs(offsetMs) / 60_000);
  const two = (count: number): string => String(count).padStart(2, '0');
  const sign = offsetMs < 0 ? '-' : '+';
  return `${wall}${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** Kept: making one takes longer than all that it is asked for. */
function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const formatter = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formatters.set(timeZone, formatter);
  return formatter;
}
