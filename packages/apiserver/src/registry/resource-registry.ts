import { apiVersionOf } from '@fairway/protocol';
import type { ServedApis } from './runtime-config.ts';
import type { ServedResource } from './served-resource.ts';

/**
 * What this server serves right now: built-in resources from the start, custom ones as their
 * definitions come and go. Documents that are made from it (discovery, OpenAPI) are made again when
 * `version` has changed.
 */
export class ResourceRegistry {
  readonly #builtIn: readonly ServedResource[];
  readonly #served: readonly ServedResource[];
  /** What of Kubernetes is switched off. */
  readonly unserved: readonly ServedResource[];
  readonly #custom = new Map<string, readonly ServedResource[]>();
  /** Made when somebody looks, since definitions may come by the hundred. */
  #index: ResourceIndex | undefined;
  #version = 1;
  #onCustomChange: () => void = () => undefined;

  /** `isServed` tells which of the built-in resources callers find. */
  constructor(builtIn: readonly ServedResource[], isServed: ServedApis = () => true) {
    this.#builtIn = builtIn;
    this.#served = builtIn.filter(isServed);
    this.unserved = builtIn.filter((each) => !isServed(each));
  }

  /** Grows whenever the set of resources has changed. */
  get version(): number {
    return this.#version;
  }

  /** In the order of discovery. */
  get all(): readonly ServedResource[] {
    return this.#current.all;
  }

  /** Those of Kubernetes, also where they are not served. */
  get builtIn(): readonly ServedResource[] {
    return this.#builtIn;
  }

  find(group: string, version: string, plural: string): ServedResource | undefined {
    return this.#current.byPath.get(`${group}/${version}/${plural}`);
  }

  /** Those whose objects lie in one place: the same resource in every version, and in every group. */
  storedAs(prefix: string): readonly ServedResource[] {
    return this.#current.byPrefix.get(prefix) ?? [];
  }

  /** A built-in resource that this server cannot be without, served or not. */
  builtInResource(group: string, plural: string): ServedResource {
    const found = this.#builtIn.find((each) => each.group === group && each.plural === plural);
    if (found === undefined) throw new Error(`no built-in resource ${plural} in group "${group}"`);
    return found;
  }

  hasGroupVersion(group: string, version: string): boolean {
    return this.all.some((each) => each.group === group && each.version === version);
  }

  /** A group that only definitions have resources in. */
  isCustomGroup(group: string): boolean {
    return !this.builtIn.some((each) => each.group === group);
  }

  findByKind(apiVersion: string, kind: string): ServedResource | undefined {
    return this.all.find((each) => each.kind === kind && apiVersionOf(each) === apiVersion);
  }

  /** Serves the resources of one definition in place of those it had; none takes them away. */
  replaceCustom(definition: string, resources: readonly ServedResource[]): void {
    this.#custom.delete(definition);
    if (resources.length > 0) this.#custom.set(definition, resources);
    this.#index = undefined;
    this.#version++;
    this.#onCustomChange();
  }

  /** Who is told from now on whenever definitions come to serve something else: one at a time. */
  onCustomChange(listener: () => void): void {
    this.#onCustomChange = listener;
  }

  get #current(): ResourceIndex {
    return (this.#index ??= index([...this.#served, ...[...this.#custom.values()].flat()]));
  }
}

interface ResourceIndex {
  readonly all: readonly ServedResource[];
  readonly byPath: ReadonlyMap<string, ServedResource>;
  readonly byPrefix: ReadonlyMap<string, readonly ServedResource[]>;
}

function index(all: readonly ServedResource[]): ResourceIndex {
  const paths = all.map((each) => [`${each.group}/${each.version}/${each.plural}`, each] as const);
  const byPrefix = Map.groupBy(all, ({ storage }) => storage.prefix);
  return { all, byPath: new Map(paths), byPrefix };
}
