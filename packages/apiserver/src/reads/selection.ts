import {
  type FieldSelector,
  type LabelSelector,
  badRequest,
  matchesFieldSelector,
  matchesLabelSelector,
  parseFieldSelector,
  parseLabelSelector,
} from '@fairway/protocol';
import { type KeyRange, singleKeyRange, type StoreEntry } from '@fairway/store';
import type { ServedResource } from '../registry/served-resource.ts';
import { collectionRange, storageKey } from '../storage/storage-key.ts';
import type { StoredFacts } from './stored-facts.ts';

/** Which objects of a collection a request is about: a range of keys, and what must hold in it. */
export interface Selection {
  readonly range: KeyRange;
  readonly labels: LabelSelector;
  readonly fields: FieldSelector;
  /** True when every key of the range is selected. */
  readonly isWholeRange: boolean;
}

/**
 * Errors: BadRequest `ApiError` for selectors that cannot be read, and for fields that the kind
 * does not index.
 */
export function selectObjects(
  resource: ServedResource,
  namespace: string,
  selectors: { readonly labelSelector?: string; readonly fieldSelector?: string },
): Selection {
  const labels = parseLabelSelector(selectors.labelSelector ?? '');
  const fields = parseFieldSelector(selectors.fieldSelector ?? '');
  for (const { field } of fields) checkField(resource, field);
  const name = onlyName(fields);
  const isOneKey = name !== undefined && (!resource.isNamespaced || namespace !== '');
  const rest = isOneKey ? fields.filter(({ field }) => field !== 'metadata.name') : fields;
  return {
    range: isOneKey ? keyRange(resource, namespace, name) : collectionRange(resource, namespace),
    labels,
    fields: rest,
    isWholeRange: labels.length === 0 && rest.length === 0,
  };
}

/** Tells whether an entry of the selection's range is selected. */
export function isSelected(
  selection: Selection,
  entry: StoreEntry,
  { resource, facts }: { readonly resource: ServedResource; readonly facts: StoredFacts },
): boolean {
  if (selection.isWholeRange) return true;
  if (selection.labels.length > 0 && !matchesLabelSelector(selection.labels, facts.labelsOf(entry)))
    return false;
  if (selection.fields.length === 0) return true;
  const values = facts.fieldsOf(resource, entry);
  return matchesFieldSelector(selection.fields, (field) => values[field] ?? '');
}

function checkField(resource: ServedResource, field: string): void {
  if (field === 'metadata.name' || field === 'metadata.namespace') return;
  if (Object.hasOwn(resource.rules.fieldLabels ?? {}, field)) return;
  if (resource.rules.fieldLabels === undefined) {
    const known = resource.isNamespaced
      ? '"metadata.name", "metadata.namespace"'
      : '"metadata.name"';
    throw badRequest(`"${field}" is not a known field selector: only ${known}`);
  }
  throw badRequest(`field label not supported: ${field}`);
}

/** The name, when the selector leaves just one. */
function onlyName(fields: FieldSelector): string | undefined {
  const [first, ...others] = fields.filter(({ field }) => field === 'metadata.name');
  if (first?.isEqual !== true) return undefined;
  return others.every(({ isEqual, value }) => isEqual && value === first.value)
    ? first.value
    : undefined;
}

function keyRange(resource: ServedResource, namespace: string, name: string): KeyRange {
  return singleKeyRange(storageKey(resource, namespace, name));
}
