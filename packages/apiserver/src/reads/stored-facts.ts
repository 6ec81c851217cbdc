import type { Clock } from '@fairway/host';
import type { KubernetesObject } from '@fairway/protocol';
import type { StoreEntry } from '@fairway/store';
import type { ServedResource } from '../registry/served-resource.ts';
import { decodeStored, decodeStoredLabels } from '../storage/object-bytes.ts';

type Facts = Readonly<Record<string, string>>;

interface EntryFacts {
  labels?: Facts;
  object?: KubernetesObject;
  readonly fields: Map<ServedResource, Facts>;
}

/**
 * Facts that were not used for this long (at most twice as long) are forgotten, and read again at
 * the next use.
 */
const factsIdleMs = 2 * 60_000;

/**
 * What selectors ask of stored objects, read from an entry once and kept for as long as somebody
 * holds the entry and asks. Entries never change, so neither do their facts.
 */
export class StoredFacts {
  readonly #clock: Clock;
  #recent = new WeakMap<StoreEntry, EntryFacts>();
  #earlier = new WeakMap<StoreEntry, EntryFacts>();
  #hasRecent = false;
  #isTurnDue = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  labelsOf(entry: StoreEntry): Facts {
    const facts = this.#factsOf(entry);
    facts.labels ??= decodeStoredLabels(entry.value);
    return facts.labels;
  }

  /**
   * The object of an entry that is asked for often and changes rarely. It is shared and must not be
   * changed.
   */
  objectOf(entry: StoreEntry): KubernetesObject {
    const facts = this.#factsOf(entry);
    facts.object ??= decodeStored(entry.value);
    return facts.object;
  }

  /** The values of all field labels of `resource`, of an entry as it serves it. */
  fieldsOf(resource: ServedResource, entry: StoreEntry): Facts {
    const { fields } = this.#factsOf(entry);
    const known = fields.get(resource);
    if (known !== undefined) return known;
    const read = readFields(resource, entry);
    fields.set(resource, read);
    return read;
  }

  #factsOf(entry: StoreEntry): EntryFacts {
    const recent = this.#recent.get(entry);
    if (recent !== undefined) return recent;
    const facts = this.#earlier.get(entry) ?? { fields: new Map<ServedResource, Facts>() };
    this.#recent.set(entry, facts);
    this.#hasRecent = true;
    this.#scheduleTurn();
    return facts;
  }

  #scheduleTurn(): void {
    if (this.#isTurnDue) return;
    this.#isTurnDue = true;
    this.#clock.schedule(factsIdleMs, () => {
      this.#isTurnDue = false;
      this.#earlier = this.#recent;
      this.#recent = new WeakMap();
      if (this.#hasRecent) this.#scheduleTurn();
      this.#hasRecent = false;
    });
  }
}

function readFields(resource: ServedResource, entry: StoreEntry): Facts {
  const fields = namesOf(resource, entry.key);
  const extra = resource.rules.fieldLabels;
  if (extra === undefined) return fields;
  const object = decodeStored(entry.value);
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
