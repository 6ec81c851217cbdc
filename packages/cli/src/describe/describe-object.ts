import type { KubernetesObject } from '@fairway/protocol';
import type { Describer } from './describer.ts';
import { eventLines } from './events.ts';
import type { Related } from './fetch-related.ts';
import { lines, textOf } from './lines.ts';
import type { Moment } from './moment.ts';

/** The description of an object, in lines. Errors: `ApiError` when it makes no sense without what was refused. */
export function describeObject(
  describer: Describer,
  object: KubernetesObject,
  { answers, events }: Related,
  moment: Moment,
): string {
  return textOf(
    lines(
      describer.describe(object, answers, moment),
      events && eventLines(events.found ?? [], moment),
    ),
  );
}
