import { type Logger, giveWay } from '@fairway/host';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionStatus,
} from '@fairway/kinds/apiextensions/v1';
import type { BuiltInSchemas, OpenApiSchema } from '@fairway/kinds/schema';
import { type Handler, type Schema, formatTime } from '@fairway/protocol';
import { type KeyRange, prefixRange, type Store, type StoreEntry } from '@fairway/store';
import { type RangeFollower, followRange } from '../storage/follow-range.ts';
import { decodeStored } from '../storage/object-bytes.ts';
import { resourcePrefix } from '../storage/storage-key.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import { AcceptedNames, builtInHolder } from './accepted-names.ts';
import { customResources, versionSchema } from './custom-resource.ts';
import { cleanupFinalizer, removeObjects } from './definition-removal.ts';
import type { ConversionParts } from './webhook-conversion.ts';
import { DefinitionWriter } from './definition-writer.ts';
import { hasItsNames, nextDefinitionStatus } from './definition-status.ts';

export interface CustomResourceDefinitionsParts extends ConversionParts {
  readonly store: Store;
  readonly registry: ResourceRegistry;
  readonly schemas: BuiltInSchemas;
  /** The API itself, for a caller who may do everything. */
  readonly handler: Handler;
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

const definitionRange: KeyRange = prefixRange(
  resourcePrefix({ group: 'apiextensions.k8s.io', plural: 'customresourcedefinitions' }),
);
const objectMetaDefinition = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

class CustomResourceDefinitions implements RangeFollower {
  readonly #parts: CustomResourceDefinitionsParts;
  readonly #objectMeta: Schema;
  readonly #writer: DefinitionWriter;
  readonly #definitions = new Map<string, KnownDefinition>();
  readonly #accepted = new AcceptedNames();
  /** What is being served, by a text that differs between states of a definition. */
  readonly #served = new Map<string, string>();
  readonly #removals = new Map<string, Promise<void>>();

  constructor(parts: CustomResourceDefinitionsParts) {
    this.#parts = parts;
    this.#objectMeta = parts.schemas.definition(objectMetaDefinition) ?? {};
    this.#writer = new DefinitionWriter(parts);
    for (const each of parts.registry.builtIn) {
      const { plural, singular, shortNames, kind, listKind } = each;
      const names = { plural, singular, shortNames: [...shortNames], kind, listKind };
      this.#accepted.hold(builtInHolder, each.group, names);
    }
  }

  /** Gives way between definitions: there may be hundreds, and each may be large. */
  readonly reset = async (entries: readonly StoreEntry[]): Promise<void> => {
    const gone = new Set(this.#definitions.keys());
    for (const entry of entries) {
      await giveWay();
      const known = knownDefinition(entry);
      this.#know(known);
      gone.delete(nameOf(known));
    }
    for (const name of gone) this.#forget(name);
    for (const known of byAge(this.#definitions.values())) {
      await giveWay();
      this.#consider(known);
    }
  };

  readonly put = (entry: StoreEntry): void => {
    const known = knownDefinition(entry);
    this.#know(known);
    this.#consider(known);
  };

  readonly delete = (previous: StoreEntry): void => {
    const gone = knownDefinition(previous);
    const { group } = gone.definition.spec;
    this.#forget(nameOf(gone));
    // Names have come free that another definition of the group may be waiting for.
    const waiting = [...this.#definitions.values()].filter(
      ({ definition }) => definition.spec.group === group && !hasItsNames(definition),
    );
    for (const known of byAge(waiting)) this.#consider(known);
  };

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#removals.values());
    await this.#writer.settled();
  }

  #consider(known: KnownDefinition): void {
    const { definition } = known;
    if (definition.metadata?.deletionTimestamp !== undefined) {
      this.#serve(known);
      this.#remove(definition);
      return;
    }
    const now = formatTime(this.#parts.clock.now());
    const taken = this.#accepted.takenFrom(nameOf(known), definition.spec.group);
    const status = nextDefinitionStatus(definition, taken, now);
    const next = { ...known, definition: { ...definition, status } };
    if (hasItsNames(next.definition)) this.#serve(next);
    if (status === definition.status) return;
    this.#know(next);
    this.#writer.writeStatus(definition, status as CustomResourceDefinitionStatus);
  }

  /**
   * Serves the resource at once, before the status that says so has been written, so that clients
   * need not wait.
   */
  #serve(known: KnownDefinition): void {
    const { definition, entry } = known;
    if (this.#isBuiltIn(definition)) return;
    const name = nameOf(known);
    const { uid, generation, deletionTimestamp } = definition.metadata ?? {};
    const isTerminating = deletionTimestamp !== undefined;
    if (isTerminating && !this.#served.has(name) && !hasItsNames(definition)) return;
    // The generation counts every change of what was asked for.
    const state = JSON.stringify([uid, generation, isTerminating]);
    if (this.#served.get(name) === state) return;
    this.#served.set(name, state);
    const schemaOf = (version: string): OpenApiSchema => versionSchema(decode(entry), version);
    const schemas = { schemaOf, objectMeta: this.#objectMeta };
    this.#parts.registry.replaceCustom(name, customResources(definition, schemas, this.#parts));
  }

  #withdraw(name: string): void {
    if (this.#served.delete(name)) this.#parts.registry.replaceCustom(name, []);
  }

  #remove(definition: CustomResourceDefinition): void {
    const name = definition.metadata?.name ?? '';
    const hasFinalizer = definition.metadata?.finalizers?.includes(cleanupFinalizer) === true;
    if (!hasFinalizer || this.#removals.has(name)) return;
    const removal = this.#removeAll(definition).finally(() => this.#removals.delete(name));
    this.#removals.set(name, removal);
  }

  async #removeAll(definition: CustomResourceDefinition): Promise<void> {
    const { logger, signal } = this.#parts;
    const name = definition.metadata?.name ?? '';
    try {
      await this.#writer.beginRemoval(name);
      // The server's own objects have the storage keys that objects of such a definition would get.
      if (!this.#isBuiltIn(definition)) await removeObjects(definition, this.#parts);
      await this.#writer.finishRemoval(name);
    } catch (error) {
      if (signal.aborted) return;
      const subject = { definition: name, error };
      logger.warn('the objects of a deleted definition could not be removed', subject);
    }
  }

  #isBuiltIn({ spec }: CustomResourceDefinition): boolean {
    const { group, names } = spec;
    return this.#parts.registry.builtIn.some(
      (each) => each.group === group && each.plural === names.plural,
    );
  }

  #know(known: KnownDefinition): void {
    const name = nameOf(known);
    this.#releaseNames(name);
    this.#definitions.set(name, known);
    const { spec, status } = known.definition;
    const names = status?.acceptedNames;
    if (names !== undefined) this.#accepted.hold(name, spec.group, names);
  }

  #forget(name: string): void {
    this.#releaseNames(name);
    this.#definitions.delete(name);
    this.#withdraw(name);
  }

  #releaseNames(name: string): void {
    const definition = this.#definitions.get(name)?.definition;
    const names = definition?.status?.acceptedNames;
    if (names !== undefined) this.#accepted.release(name, definition?.spec.group ?? '', names);
  }
}

/** A definition without its schemas, and where to read those: most are large and not in use. */
interface KnownDefinition {
  readonly definition: CustomResourceDefinition;
  readonly entry: StoreEntry;
}

function knownDefinition(entry: StoreEntry): KnownDefinition {
  const definition = decode(entry);
  const { spec } = definition;
  const versions = spec.versions.map(({ schema: _, ...version }) => version);
  return { definition: { ...definition, spec: { ...spec, versions } }, entry };
}

function decode(entry: StoreEntry): CustomResourceDefinition {
  return decodeStored(entry.value) as CustomResourceDefinition;
}

function byAge(definitions: Iterable<KnownDefinition>): readonly KnownDefinition[] {
  const createdAt = ({ definition: { metadata } }: KnownDefinition): string =>
    `${metadata?.creationTimestamp ?? ''} ${metadata?.name ?? ''}`;
  return [...definitions].sort((one, other) => (createdAt(one) < createdAt(other) ? -1 : 1));
}

function nameOf({ definition: { metadata } }: KnownDefinition): string {
  return metadata?.name ?? '';
}
