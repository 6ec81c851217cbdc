import { humanDuration } from '@fairway/protocol';

/** Writes a moment for people, beside how far away it is: `2026-01-01T00:00:00Z, 3h ago`. */
export function when(atMs: number, nowMs: number): string {
  const moment = new Date(atMs).toISOString().replace('.000Z', 'Z');
  const away = humanDuration(Math.abs(nowMs - atMs));
  return nowMs >= atMs ? `${moment}, ${away} ago` : `${moment}, in ${away}`;
}
