import type { Clock, Logger } from '@fairway/host';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionStatus,
} from '@fairway/kinds/apiextensions/v1';
import type { BuiltInSchemas } from '@fairway/kinds/schema';
import { type Handler, type Schema, formatTime } from '@fairway/protocol';
import type { KeyRange, Store, StoreEntry } from '@fairway/store';
import { type RangeFollower, followRange } from '../objects/follow-range.ts';
import { decodeStored } from '../objects/object-bytes.ts';
import { endOfPrefix } from '../objects/storage-key.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import { customResources } from './custom-resource.ts';
import { cleanupFinalizer, removeObjects } from './definition-removal.ts';
import { DefinitionWriter } from './definition-writer.ts';
import { type TakenNames, hasItsNames, nextDefinitionStatus } from './definition-status.ts';

export interface CustomResourceDefinitionsParts {
  readonly store: Store;
  readonly registry: ResourceRegistry;
  readonly schemas: BuiltInSchemas;
  /** The API itself, for a caller who may do everything. */
  readonly handler: Handler;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Serves what CustomResourceDefinitions define, keeps their status, and removes the objects of those
 * that are deleted. Resolves when all that the store holds is served; `ended` after `signal` has
 * aborted and the last write is done.
 */
export async function serveCustomResources(
  parts: CustomResourceDefinitionsParts,
): Promise<{ readonly ended: Promise<void> }> {
  const definitions = new CustomResourceDefinitions(parts);
  const followed = await followRange(definitionRange, definitions, parts);
  return { ended: followed.ended.then(() => definitions.settled()) };
}

const prefix = '/registry/apiextensions.k8s.io/customresourcedefinitions/';
const definitionRange: KeyRange = { start: prefix, end: endOfPrefix(prefix) };
const objectMetaDefinition = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

class CustomResourceDefinitions implements RangeFollower {
  readonly #parts: CustomResourceDefinitionsParts;
  readonly #objectMeta: Schema;
  readonly #writer: DefinitionWriter;
  readonly #definitions = new Map<string, CustomResourceDefinition>();
  /** What is being served, as the JSON of what it was made from. */
  readonly #served = new Map<string, string>();
  readonly #removals = new Map<string, Promise<void>>();

  constructor(parts: CustomResourceDefinitionsParts) {
    this.#parts = parts;
    this.#objectMeta = parts.schemas.definition(objectMetaDefinition) ?? {};
    this.#writer = new DefinitionWriter(parts);
  }

  readonly reset = (entries: readonly StoreEntry[]): void => {
    const found = new Map(entries.map(definitionOf).map((each) => [nameOf(each), each]));
    const gone = [...this.#definitions.keys()].filter((name) => !found.has(name));
    this.#definitions.clear();
    for (const [name, definition] of found) this.#definitions.set(name, definition);
    for (const name of gone) this.#withdraw(name);
    for (const definition of this.#byAge()) this.#consider(definition);
  };

  readonly put = (entry: StoreEntry): void => {
    const definition = definitionOf(entry);
    this.#definitions.set(nameOf(definition), definition);
    this.#consider(definition);
  };

  readonly delete = (previous: StoreEntry): void => {
    const definition = definitionOf(previous);
    this.#definitions.delete(nameOf(definition));
    this.#withdraw(nameOf(definition));
    // Names have come free that another definition of the group may be waiting for.
    for (const other of this.#byAge()) {
      if (other.spec.group === definition.spec.group) this.#consider(other);
    }
  };

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#removals.values());
    await this.#writer.settled();
  }

  #byAge(): readonly CustomResourceDefinition[] {
    const createdAt = ({ metadata }: CustomResourceDefinition): string =>
      `${metadata?.creationTimestamp ?? ''} ${metadata?.name ?? ''}`;
    return [...this.#definitions.values()].sort((one, other) =>
      createdAt(one) < createdAt(other) ? -1 : 1,
    );
  }

  #consider(definition: CustomResourceDefinition): void {
    if (definition.metadata?.deletionTimestamp !== undefined) {
      this.#serve(definition);
      this.#remove(definition);
      return;
    }
    const now = formatTime(this.#parts.clock.now());
    const status = nextDefinitionStatus(definition, this.#takenFrom(definition), now);
    const next = { ...definition, status };
    if (hasItsNames(next)) this.#serve(next);
    if (status === definition.status) return;
    this.#definitions.set(nameOf(definition), next);
    this.#writer.writeStatus(definition, status as CustomResourceDefinitionStatus);
  }

  /** Serves at once what the status will say in a moment, so that nobody has to wait for it. */
  #serve(definition: CustomResourceDefinition): void {
    if (this.#isBuiltIn(definition)) return;
    const name = nameOf(definition);
    const isTerminating = definition.metadata?.deletionTimestamp !== undefined;
    if (isTerminating && !this.#served.has(name) && !hasItsNames(definition)) return;
    const source = JSON.stringify([definition.spec, isTerminating]);
    if (this.#served.get(name) === source) return;
    this.#served.set(name, source);
    this.#parts.registry.replaceCustom(name, customResources(definition, this.#objectMeta));
  }

  #withdraw(name: string): void {
    if (this.#served.delete(name)) this.#parts.registry.replaceCustom(name, []);
  }

  #remove(definition: CustomResourceDefinition): void {
    const name = nameOf(definition);
    const hasFinalizer = definition.metadata?.finalizers?.includes(cleanupFinalizer) === true;
    if (!hasFinalizer || this.#removals.has(name)) return;
    const removal = this.#removeAll(definition).finally(() => this.#removals.delete(name));
    this.#removals.set(name, removal);
  }

  async #removeAll(definition: CustomResourceDefinition): Promise<void> {
    const { logger, signal } = this.#parts;
    try {
      // What the server has itself lies where the objects of such a definition would.
      if (!this.#isBuiltIn(definition)) await removeObjects(definition, this.#parts);
      await this.#writer.finishRemoval(nameOf(definition));
    } catch (error) {
      if (signal.aborted) return;
      const subject = { definition: nameOf(definition), error };
      logger.warn('the objects of a deleted definition could not be removed', subject);
    }
  }

  #isBuiltIn({ spec }: CustomResourceDefinition): boolean {
    const { group, names } = spec;
    return this.#parts.registry.builtIn.some(
      (each) => each.group === group && each.plural === names.plural,
    );
  }

  #takenFrom(definition: CustomResourceDefinition): TakenNames {
    const resources = new Set<string>();
    const kinds = new Set<string>();
    const take = (names: {
      plural: string;
      singular?: string;
      shortNames?: readonly string[];
      kind: string;
      listKind?: string;
    }): void => {
      for (const name of [names.plural, names.singular ?? '', ...(names.shortNames ?? [])])
        resources.add(name);
      kinds.add(names.kind).add(names.listKind ?? '');
    };
    const { group } = definition.spec;
    for (const each of this.#parts.registry.builtIn) {
      if (each.group === group) take({ ...each, shortNames: [...each.shortNames] });
    }
    for (const [name, { spec, status }] of this.#definitions) {
      const isOther = name !== nameOf(definition) && spec.group === group;
      if (isOther && status?.acceptedNames !== undefined) take(status.acceptedNames);
    }
    resources.delete('');
    kinds.delete('');
    return { resources, kinds };
  }
}

function definitionOf(entry: StoreEntry): CustomResourceDefinition {
  return decodeStored(entry.value) as CustomResourceDefinition;
}

function nameOf({ metadata }: CustomResourceDefinition): string {
  return metadata?.name ?? '';
}
