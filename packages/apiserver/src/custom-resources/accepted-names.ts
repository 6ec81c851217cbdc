import type { CustomResourceDefinitionNames } from '@fairway/kinds/apiextensions/v1';
import type { TakenNames } from './definition-status.ts';

/** Who holds a name: a definition by its own name, or the server itself. */
type Holder = string | typeof builtInHolder;

/** The server's own resources hold their names together. */
export const builtInHolder: unique symbol = Symbol('built in');

interface GroupNames {
  readonly resources: Map<string, Set<Holder>>;
  readonly kinds: Map<string, Set<Holder>>;
}

/** Which names each group has given away, and to whom; a question costs the same however many. */
export class AcceptedNames {
  readonly #groups = new Map<string, GroupNames>();

  hold(holder: Holder, group: string, names: CustomResourceDefinitionNames): void {
    const { resources, kinds } = this.#namesOf(group);
    for (const name of resourceNames(names)) add(resources, name, holder);
    for (const kind of kindNames(names)) add(kinds, kind, holder);
  }

  /** Takes back what `hold` gave. */
  release(holder: Holder, group: string, names: CustomResourceDefinitionNames): void {
    const { resources, kinds } = this.#namesOf(group);
    for (const name of resourceNames(names)) remove(resources, name, holder);
    for (const kind of kindNames(names)) remove(kinds, kind, holder);
    if (resources.size === 0 && kinds.size === 0) this.#groups.delete(group);
  }

  /** The names of a group that somebody else than `holder` has. */
  takenFrom(holder: Holder, group: string): TakenNames {
    const { resources, kinds } = this.#namesOf(group);
    return { resources: othersIn(resources, holder), kinds: othersIn(kinds, holder) };
  }

  #namesOf(group: string): GroupNames {
    const known = this.#groups.get(group);
    if (known !== undefined) return known;
    const names: GroupNames = { resources: new Map(), kinds: new Map() };
    this.#groups.set(group, names);
    return names;
  }
}

function resourceNames(names: CustomResourceDefinitionNames): readonly string[] {
  const { plural, singular = '', shortNames = [] } = names;
  return [plural, singular, ...shortNames].filter((name) => name !== '');
}

function kindNames({ kind, listKind = '' }: CustomResourceDefinitionNames): readonly string[] {
  return [kind, listKind].filter((name) => name !== '');
}

function add(holders: Map<string, Set<Holder>>, name: string, holder: Holder): void {
  const known = holders.get(name);
  if (known === undefined) holders.set(name, new Set([holder]));
  else known.add(holder);
}

function remove(holders: Map<string, Set<Holder>>, name: string, holder: Holder): void {
  const known = holders.get(name);
  known?.delete(holder);
  if (known?.size === 0) holders.delete(name);
}

function othersIn(holders: ReadonlyMap<string, ReadonlySet<Holder>>, holder: Holder) {
  return {
    has: (name: string): boolean => {
      const known = holders.get(name);
      return known !== undefined && (known.size > 1 || !known.has(holder));
    },
  };
}
