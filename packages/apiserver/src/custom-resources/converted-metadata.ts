import { validateObjectMeta } from '@fairway/kind-rules';
import {
  type KubernetesObject,
  type ObjectMeta,
  checkPathSegment,
  fieldErrorText,
  isJsonObject,
  jsonTypeOf,
} from '@fairway/protocol';

type ConvertedMetadata =
  | { readonly kind: 'valid'; readonly metadata: ObjectMeta }
  | { readonly kind: 'invalid'; readonly why: string };

/**
 * The metadata of an object that a webhook converted: its labels and annotations are those that the
 * webhook answered, all else stays. Source: apiextensions, conversion, `restoreObjectMeta`.
 */
export function convertedMetadata(
  converted: KubernetesObject,
  original: KubernetesObject,
): ConvertedMetadata {
  const { metadata: answered } = converted as { readonly metadata?: unknown };
  if (!isJsonObject(answered)) return invalid('missing metadata in converted object');
  const { labels: _, annotations: __, ...kept } = original.metadata ?? {};
  const own: Partial<Record<'labels' | 'annotations', Record<string, string>>> = {};
  for (const field of ['labels', 'annotations'] as const) {
    const found = answered[field] ?? undefined;
    if (found === undefined) continue;
    if (!isJsonObject(found)) {
      return invalid(`invalid metadata.${field} of type ${jsonTypeOf(found)} in converted object`);
    }
    for (const [key, value] of Object.entries(found)) {
      if (typeof value === 'string') continue;
      const place = `metadata.${field}[${key}]`;
      return invalid(`${place} must be a string, but is ${jsonTypeOf(value)} in converted object`);
    }
    own[field] = found as Record<string, string>;
  }
  const [wrong] = validateObjectMeta({ metadata: { ...own, name: 'any' } }, anyScope);
  return wrong === undefined
    ? { kind: 'valid', metadata: { ...kept, ...own } }
    : invalid(fieldErrorText(wrong));
}

/** Only labels and annotations are asked about. */
const anyScope = { isNamespaced: false, checkName: checkPathSegment, allowsPlainFinalizers: true };

function invalid(why: string): ConvertedMetadata {
  return { kind: 'invalid', why };
}
