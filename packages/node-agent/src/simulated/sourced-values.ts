import {
  type DeepReadonly,
  type KubernetesObject,
  parseDuration,
  parseTime,
} from '@fairway/protocol';
import { textOf, valuesAt } from './field-path.ts';
import type { Sourced, StageDelay } from './stage.ts';

/** Takes note of a value that an object has and that cannot be used. */
export type NoteProblem = (problem: string) => void;

type AnyObject = DeepReadonly<KubernetesObject>;

/** The object's own text; the stage's where it has none. */
export function sourcedText({ value, from }: Sourced<string>, object: AnyObject): string {
  const own = from === undefined ? undefined : valuesAt(from, object)[0];
  return own === undefined ? value : textOf(own);
}

/** The object's own whole number; the stage's where it has none, or a bad one. */
export function sourcedInteger(
  { value, from }: Sourced<number>,
  object: AnyObject,
  note: NoteProblem,
): number {
  const own = from === undefined ? undefined : valuesAt(from, object)[0];
  if (own === undefined) return value;
  const text = textOf(own);
  if (/^\d{1,9}$/.test(text)) return Number(text);
  note(`${from?.text} is ${JSON.stringify(text)}, which is no whole number`);
  return value;
}

/** How long a stage waits for an object, in milliseconds; chance is a fraction. */
export function delayMs(
  { durationMs, jitterMs }: StageDelay,
  object: AnyObject,
  by: { readonly nowMs: number; readonly fraction: number; readonly note: NoteProblem },
): number {
  const least = sourcedDurationMs(durationMs, object, by) ?? 0;
  const most = sourcedDurationMs(jitterMs, object, by);
  if (most === undefined) return least;
  return most < least ? most : Math.round(least + (most - least) * by.fraction);
}

/** A duration (`1m30s`), or a moment until which the stage waits. */
function sourcedDurationMs(
  { value, from }: Sourced<number | undefined>,
  object: AnyObject,
  { nowMs, note }: { readonly nowMs: number; readonly note: NoteProblem },
): number | undefined {
  const own = from === undefined ? undefined : valuesAt(from, object)[0];
  if (own === undefined) return value;
  const text = textOf(own);
  const durationMs = parseDuration(text);
  if (durationMs !== undefined) return Math.max(0, durationMs);
  const untilMs = parseTime(text);
  if (untilMs !== undefined) return Math.max(0, untilMs - nowMs);
  note(`${from?.text} is ${JSON.stringify(text)}, which is no duration: write "10s" or "1m30s"`);
  return value;
}
