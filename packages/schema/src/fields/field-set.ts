import type { PathElement } from './path-element.ts';

type Children = ReadonlyMap<PathElement, FieldSet>;

/**
 * A set of paths into an object, as a tree: what somebody owns, or what has changed. Never changes;
 * what is made of sets shares their parts.
 *
 * A node with nothing below it is a member itself; no other child is without members.
 */
export class FieldSet {
  /** The place of this node is in the set, and not only something below it. */
  readonly isMember: boolean;
  readonly children: Children;

  private constructor(isMember: boolean, children: Children) {
    this.isMember = isMember;
    this.children = children;
  }

  static get empty(): FieldSet {
    return emptySet;
  }

  /** One field and nothing below it. */
  static get leaf(): FieldSet {
    return leafSet;
  }

  /** For `empty` and `leaf`, of which there is one each. */
  static withoutChildren(isMember: boolean): FieldSet {
    return new FieldSet(isMember, new Map());
  }

  /** Children without members are left out. */
  static of(isMember: boolean, children: Map<PathElement, FieldSet>): FieldSet {
    for (const [element, child] of children) if (child.isEmpty) children.delete(element);
    if (children.size > 0) return new FieldSet(isMember, children);
    return isMember ? leafSet : emptySet;
  }

  /** The set of some paths. */
  static ofPaths(...paths: readonly (readonly PathElement[])[]): FieldSet {
    return paths
      .map((path) =>
        path.reduceRight(
          (below, element) => FieldSet.of(false, new Map([[element, below]])),
          FieldSet.leaf,
        ),
      )
      .reduce((all, each) => all.union(each), FieldSet.empty);
  }

  /** What is in any of some sets, in one go: each place is looked at once for each set that has it. */
  static unionOf(sets: readonly FieldSet[]): FieldSet {
    const [first = emptySet, ...others] = sets.filter((set) => !set.isEmpty);
    if (others.length < 2) return first.union(others[0] ?? emptySet);
    const below = new Map<PathElement, FieldSet[]>();
    for (const set of [first, ...others]) {
      for (const [element, child] of set.children) {
        const found = below.get(element);
        if (found === undefined) below.set(element, [child]);
        else found.push(child);
      }
    }
    const children = new Map<PathElement, FieldSet>();
    for (const [element, found] of below) children.set(element, FieldSet.unionOf(found));
    return FieldSet.of(
      sets.some(({ isMember }) => isMember),
      children,
    );
  }

  get isEmpty(): boolean {
    return !this.isMember && this.children.size === 0;
  }

  /** What is at or below a step from here. */
  child(element: PathElement): FieldSet {
    return this.children.get(element) ?? FieldSet.empty;
  }

  /** The same place and what is below it, as a member or not. */
  withMember(isMember: boolean): FieldSet {
    return isMember === this.isMember ? this : FieldSet.of(isMember, new Map(this.children));
  }

  union(other: FieldSet): FieldSet {
    if (other === this || other.isEmpty) return this;
    if (this.isEmpty) return other;
    const children = new Map(this.children);
    for (const [element, child] of other.children) {
      const own = children.get(element);
      children.set(element, own === undefined ? child : own.union(child));
    }
    return FieldSet.of(this.isMember || other.isMember, children);
  }

  intersection(other: FieldSet): FieldSet {
    if (other === this) return this;
    if (other.children.size < this.children.size) return other.intersection(this);
    const children = new Map<PathElement, FieldSet>();
    for (const [element, child] of this.children) {
      const found = other.children.get(element);
      if (found !== undefined) children.set(element, child.intersection(found));
    }
    return FieldSet.of(this.isMember && other.isMember, children);
  }

  /** Without the members of another set; what is below them stays. */
  difference(other: FieldSet): FieldSet {
    return this.#without(other, (child, taken) => child.difference(taken));
  }

  /** Without the members of another set and all that is below them. */
  differenceBelow(other: FieldSet): FieldSet {
    return this.#without(other, (child, taken) =>
      taken.isMember ? FieldSet.empty : child.differenceBelow(taken),
    );
  }

  #without(other: FieldSet, rest: (child: FieldSet, taken: FieldSet) => FieldSet): FieldSet {
    if (this.isEmpty || other.isEmpty) return this;
    const isMember = this.isMember && !other.isMember;
    let changed: Map<PathElement, FieldSet> | undefined;
    const isSmaller = this.children.size < other.children.size;
    for (const element of (isSmaller ? this : other).children.keys()) {
      const [child, taken] = [this.children.get(element), other.children.get(element)];
      if (child === undefined || taken === undefined) continue;
      const kept = rest(child, taken);
      if (kept === child) continue;
      changed ??= new Map(this.children);
      changed.set(element, kept);
    }
    return changed === undefined ? this.withMember(isMember) : FieldSet.of(isMember, changed);
  }

  equals(other: FieldSet): boolean {
    if (other === this) return true;
    if (this.isMember !== other.isMember || this.children.size !== other.children.size)
      return false;
    for (const [element, child] of this.children) {
      const found = other.children.get(element);
      if (found === undefined || !child.equals(found)) return false;
    }
    return true;
  }

  /** The path to each member. */
  *paths(above: readonly PathElement[] = []): Generator<readonly PathElement[]> {
    if (this.isMember) yield above;
    for (const [element, child] of this.children) yield* child.paths([...above, element]);
  }
}

// Not static fields of the class: where one makes its own class, TypeScript 7 compiles it to code that fails.
const emptySet = FieldSet.withoutChildren(false);
const leafSet = FieldSet.withoutChildren(true);
