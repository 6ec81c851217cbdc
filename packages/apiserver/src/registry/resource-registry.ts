import { apiVersionOf } from '@fairway/protocol';
import type { ServedResource } from './served-resource.ts';

/**
 * What this server serves right now: built-in resources from the start, custom ones as their
 * definitions come and go. Documents that are made from it (discovery, OpenAPI) are made again when
 * `version` has changed.
 */
export class ResourceRegistry {
  readonly #builtIn: readonly ServedResource[];
  #custom: ReadonlyMap<string, readonly ServedResource[]> = new Map();
  #byPath: ReadonlyMap<string, ServedResource>;
  #version = 1;

  constructor(builtIn: readonly ServedResource[]) {
    this.#builtIn = builtIn;
    this.#byPath = indexByPath(builtIn);
  }

  /** Grows whenever the set of resources has changed. */
  get version(): number {
    return this.#version;
  }

  /** In the order of discovery. */
  get all(): readonly ServedResource[] {
    return [...this.#builtIn, ...[...this.#custom.values()].flat()];
  }

  get builtIn(): readonly ServedResource[] {
    return this.#builtIn;
  }

  find(group: string, version: string, plural: string): ServedResource | undefined {
    return this.#byPath.get(`${group}/${version}/${plural}`);
  }

  /** A built-in resource that this server cannot be without. */
  builtInResource(group: string, plural: string): ServedResource {
    const found = this.#builtIn.find((each) => each.group === group && each.plural === plural);
    if (found === undefined) throw new Error(`no built-in resource ${plural} in group "${group}"`);
    return found;
  }

  hasGroupVersion(group: string, version: string): boolean {
    return this.all.some((each) => each.group === group && each.version === version);
  }

  findByKind(apiVersion: string, kind: string): ServedResource | undefined {
    return this.all.find((each) => each.kind === kind && apiVersionOf(each) === apiVersion);
  }

  /** Serves the resources of one definition in place of those it had; none takes them away. */
  replaceCustom(definition: string, resources: readonly ServedResource[]): void {
    const custom = new Map(this.#custom);
    custom.delete(definition);
    if (resources.length > 0) custom.set(definition, resources);
    this.#custom = custom;
    this.#byPath = indexByPath(this.all);
    this.#version++;
  }
}

function indexByPath(resources: readonly ServedResource[]): Map<string, ServedResource> {
  return new Map(resources.map((each) => [`${each.group}/${each.version}/${each.plural}`, each]));
}
