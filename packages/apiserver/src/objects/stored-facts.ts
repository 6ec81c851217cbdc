import type { KubernetesObject } from '@fairway/protocol';
import type { StoreEntry } from '@fairway/store';
import type { ServedResource } from '../registry/served-resource.ts';
import { decodeStored, decodeStoredMetadata } from './object-bytes.ts';

type Facts = Readonly<Record<string, string>>;

/**
 * What selectors ask of stored objects, read from an entry once and kept for as long as somebody
 * holds the entry. Entries never change, so neither do their facts.
 */
export class StoredFacts {
  readonly #labels = new WeakMap<StoreEntry, Facts>();
  readonly #objects = new WeakMap<StoreEntry, KubernetesObject>();
  readonly #fields = new WeakMap<StoreEntry, Map<ServedResource, Facts>>();

  labelsOf(entry: StoreEntry): Facts {
    const known = this.#labels.get(entry);
    if (known !== undefined) return known;
    const labels = decodeStoredMetadata(entry.value).labels ?? {};
    this.#labels.set(entry, labels);
    return labels;
  }

  /** The object of an entry that is asked for often and changes rarely. Nobody may change it. */
  objectOf(entry: StoreEntry): KubernetesObject {
    const known = this.#objects.get(entry);
    if (known !== undefined) return known;
    const object = decodeStored(entry.value);
    this.#objects.set(entry, object);
    return object;
  }

  /** The values of all field labels of `resource`. */
  fieldsOf(resource: ServedResource, entry: StoreEntry): Facts {
    const byResource = this.#fields.get(entry) ?? new Map<ServedResource, Facts>();
    const known = byResource.get(resource);
    if (known !== undefined) return known;
    const fields = readFields(resource, entry);
    byResource.set(resource, fields);
    this.#fields.set(entry, byResource);
    return fields;
  }
}

function readFields(resource: ServedResource, entry: StoreEntry): Facts {
  const fields = namesOf(resource, entry.key);
  const extra = resource.rules.fieldLabels;
  if (extra === undefined) return fields;
  const object = decodeServed(resource, entry);
  for (const [label, read] of Object.entries(extra)) fields[label] = read(object);
  return fields;
}

function namesOf(resource: ServedResource, key: string): Record<string, string> {
  const path = key.slice(resource.storage.prefix.length);
  const slash = resource.isNamespaced ? path.indexOf('/') : -1;
  return {
    'metadata.name': path.slice(slash + 1),
    'metadata.namespace': slash < 0 ? '' : path.slice(0, slash),
  };
}

/** The object in the version that `resource` serves. A fresh copy: the caller may change it. */
export function decodeServed(resource: ServedResource, entry: StoreEntry): KubernetesObject {
  const stored = decodeStored(entry.value);
  return resource.storage.fromStored?.(stored) ?? stored;
}

/** The same as far as its metadata, which is read alone where it can be. */
export function decodeServedMetadata(
  resource: ServedResource,
  entry: StoreEntry,
): Pick<KubernetesObject, 'metadata'> {
  if (resource.storage.fromStored !== undefined) return decodeServed(resource, entry);
  return { metadata: decodeStoredMetadata(entry.value) };
}

/** The object's JSON in the version that `resource` serves. */
export function servedBytes(resource: ServedResource, entry: StoreEntry): Uint8Array {
  if (resource.storage.fromStored === undefined) return entry.value;
  return Buffer.from(JSON.stringify(decodeServed(resource, entry)));
}
