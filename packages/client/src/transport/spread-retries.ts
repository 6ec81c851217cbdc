import type { Random } from '@fairway/host';

/**
 * How long to wait when a server asks for a time: never less, and by chance up to half as long
 * again, a second at least. Those who were told the same would otherwise come back together.
 */
export function spreadRetries(delayMs: number, random: Random): number {
  return delayMs + random.fraction() * Math.max(1_000, delayMs / 2);
}
