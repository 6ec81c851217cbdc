import {
  type DeepReadonly,
  type LabelSelector,
  type LabelSelectorObject,
  ApiError,
  parseLabelSelectorObject,
} from '@fairway/protocol';

/**
 * A selector as an object holds it; undefined, which selects nothing, where there is none. The API
 * refuses what cannot be read, so that one which cannot was there before its rules: nothing too.
 */
export function writtenSelector(
  selector: DeepReadonly<LabelSelectorObject> | undefined,
): LabelSelector | undefined {
  if (selector === undefined) return undefined;
  try {
    return parseLabelSelectorObject(selector);
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}
