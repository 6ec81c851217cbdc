import type { LimitRange } from '@fairway/kinds/core/v1';
import type { KeyRange } from '@fairway/store';
import type { StoredFacts } from '../reads/stored-facts.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import { EntriesByNamespace } from '../storage/entries-by-namespace.ts';
import type { FollowedRange } from '../storage/follow-range.ts';
import { FollowedIndex } from '../storage/followed-index.ts';
import { collectionRange } from '../storage/storage-key.ts';

/**
 * Which namespaces have limit ranges and quotas, kept up to date in memory: most have none, and a request finds that
 * out at once.
 */
export class NamespaceLimits {
  readonly followed: readonly FollowedRange[];
  readonly #limitRanges: FollowedIndex<EntriesByNamespace>;
  readonly #quotas: FollowedIndex<EntriesByNamespace>;
  readonly #facts: StoredFacts;

  constructor({
    registry,
    facts,
  }: {
    readonly registry: ResourceRegistry;
    readonly facts: StoredFacts;
  }) {
    const rangeOf = (plural: string): KeyRange =>
      collectionRange(registry.builtInResource('', plural), '');
    const [limitRanges, quotas] = [rangeOf('limitranges'), rangeOf('resourcequotas')];
    this.#facts = facts;
    this.#limitRanges = new FollowedIndex(() => new EntriesByNamespace(limitRanges));
    this.#quotas = new FollowedIndex(() => new EntriesByNamespace(quotas));
    this.followed = [
      { range: limitRanges, follower: this.#limitRanges },
      { range: quotas, follower: this.#quotas },
    ];
  }

  /** The older one first. */
  limitRangesOf(namespace: string): readonly LimitRange[] {
    const entries = this.#limitRanges.index.of(namespace);
    if (entries === undefined) return [];
    return [...entries.values()]
      .sort((one, other) => one.createRevision - other.createRevision)
      .map((entry) => this.#facts.objectOf(entry) as LimitRange);
  }

  hasQuotas(namespace: string): boolean {
    return this.#quotas.index.of(namespace) !== undefined;
  }
}
