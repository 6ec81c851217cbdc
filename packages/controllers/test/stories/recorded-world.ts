import type { ShownObject, Step } from './story.ts';
import { anyOf } from './unify.ts';

/** What there was at each step: each object as it was shown, field by field, until then. */
export class RecordedWorld {
  readonly #objects = new Map<string, ShownObject>();
  readonly #shown = new Set<string>();
  /** The spec of the first of a kind: others refer to it instead of repeating it. */
  readonly #firstSpecs = new Map<string, Readonly<Record<string, unknown>>>();

  /** Takes in what a step shows. */
  take({ objects }: Step): void {
    for (const shown of objects) {
      const { kind, apiVersion, spec } = shown;
      const key = keyOf(shown);
      this.#shown.add(key);
      if (shown.gone === true) {
        this.#objects.delete(key);
        continue;
      }
      if (
        typeof spec === 'object' &&
        spec !== null &&
        !('note' in spec) &&
        !this.#firstSpecs.has(kind)
      ) {
        this.#firstSpecs.set(kind, spec as Readonly<Record<string, unknown>>);
      }
      const before = apiVersion === undefined ? this.#objects.get(key) : undefined;
      this.#objects.set(key, this.#merge(before, shown));
    }
  }

  get objects(): readonly ShownObject[] {
    return [...this.#objects.values()];
  }

  /** Whether a step has told of an object, gone or not. */
  hasShown(key: string): boolean {
    return this.#shown.has(key);
  }

  /** An object as it was last shown, by kind and recorded name. */
  last(shown: ShownObject): ShownObject | undefined {
    return this.#objects.get(keyOf(shown));
  }

  #merge(before: ShownObject | undefined, shown: ShownObject): ShownObject {
    const { spec, metadata, ...rest } = shown;
    // Finalizers are shown each time when there are any.
    const { finalizers: _, ...kept } = before?.metadata ?? {};
    const whole = withoutNulls({ ...kept, ...metadata });
    const shownSpec = this.#specOf(shown.kind, spec);
    return {
      ...before,
      ...rest,
      metadata: whole,
      ...(shownSpec === undefined ? {} : { spec: shownSpec }),
    };
  }

  /**
   * A spec that only says where it is not like that of the first one. What depends on the node or on
   * the revision was not kept then, so anything passes.
   */
  #specOf(kind: string, spec: unknown): unknown {
    if (typeof spec !== 'object' || spec === null || !('note' in spec)) return spec;
    const { note: _, ...others } = spec;
    const { nodeName: __, ...first } = this.#firstSpecs.get(kind) ?? {};
    return { ...first, ...others, [anyOf]: ['containers', 'affinity'] };
  }
}

export function keyOf({ kind, metadata }: ShownObject): string {
  return `${kind}/${metadata?.name ?? ''}`;
}

function withoutNulls<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null)) as T;
}
