/**
 * Writes a Time of the API, seconds precision: `2026-11-21T23:54:35Z`. Unit: milliseconds since 1970.
 */
export function formatTime(epochMs: number): string {
  return `${new Date(Math.floor(epochMs / 1000) * 1000).toISOString().slice(0, -5)}Z`;
}

/** Writes a MicroTime of the API: `2026-11-21T23:54:35.000250Z`. Unit: as above. */
export function formatMicroTime(epochMs: number): string {
  const micros = Math.round(epochMs * 1000);
  const seconds = Math.floor(micros / 1_000_000);
  const fraction = String(micros - seconds * 1_000_000).padStart(6, '0');
  return `${new Date(seconds * 1000).toISOString().slice(0, -5)}.${fraction}Z`;
}

/**
 * Reads a Time or MicroTime: milliseconds since 1970; undefined when malformed. Source: RFC 3339,
 * upper case only, as the API has it.
 */
export function parseTime(text: string): number | undefined {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/.exec(
    text,
  );
  if (match === null) return undefined;
  const [, day = '', time = '', fraction = '', sign, hours = '0', minutes = '0'] = match;
  const epochMs = Date.parse(`${day}T${time}Z`);
  if (Number.isNaN(epochMs) || Number(hours) > 23 || Number(minutes) > 59) return undefined;
  // A day that the month does not have rolls over, and so does 24:00.
  if (new Date(epochMs).toISOString() !== `${day}T${time}.000Z`) return undefined;
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return epochMs + Number(`0.${fraction || '0'}`) * 1000 - (sign === '-' ? -offsetMs : offsetMs);
}
