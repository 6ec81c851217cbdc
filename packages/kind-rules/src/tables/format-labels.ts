import {
  ApiError,
  type LabelSelectorObject,
  formatLabelSelector,
  parseLabelSelectorObject,
} from '@fairway/protocol';
import type { Shown } from './shown.ts';

/**
 * `app=web,tier=front` in order; `<none>` when there are none.
 * Source: apimachinery, labels.FormatLabels and meta/v1 FormatLabelSelector.
 */
export function formatLabels(labels: Readonly<Record<string, string | undefined>> = {}): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value ?? ''}`);
  return pairs.length === 0 ? '<none>' : pairs.sort().join(',');
}

/** A selector as text; `<none>` when it names nothing, `<error>` when it is none. */
export function formatSelector(selector: Shown<LabelSelectorObject> | undefined): string {
  return selectorText(selector, '<error>') || '<none>';
}

/** A selector as text; empty when it names nothing, `invalid` when it is none. */
export function selectorText(
  selector: Shown<LabelSelectorObject> | undefined,
  invalid: string,
): string {
  try {
    return formatLabelSelector(parseLabelSelectorObject(complete(selector ?? {})));
  } catch (error) {
    if (error instanceof ApiError) return invalid;
    throw error;
  }
}

function complete({
  matchLabels,
  matchExpressions,
}: Shown<LabelSelectorObject>): LabelSelectorObject {
  return {
    matchLabels: Object.fromEntries(
      Object.entries(matchLabels ?? {}).map(([key, value]) => [key, value ?? '']),
    ),
    matchExpressions: (matchExpressions ?? []).map(({ key = '', operator = '', values = [] }) => ({
      key,
      operator,
      values,
    })),
  };
}
