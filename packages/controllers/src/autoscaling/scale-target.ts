import { type Client, type DiscoveredResource, type Subresource } from '@fairway/client';
import type { Scale } from '@fairway/kinds/autoscaling/v1';
import type { CrossVersionObjectReference } from '@fairway/kinds/autoscaling/v2';
import type { DeepReadonly, ResourceDescriptor } from '@fairway/protocol';
import type { ControllerParts } from '../controller-parts.ts';
import type { ServedResources } from '../served-resources.ts';

/** Finds what autoscalers name, of whatever kind, and scales it. */
export class ScaleTargets {
  readonly #client: Client;
  readonly #resources: ServedResources;

  constructor({ client, resources }: Pick<ControllerParts, 'client' | 'resources'>) {
    this.#client = client;
    this.#resources = resources;
  }

  /** The resource of a kind, in the version that the server prefers; or why there is none. */
  async find({
    apiVersion = 'v1',
    kind,
  }: DeepReadonly<CrossVersionObjectReference>): Promise<
    DiscoveredResource | { readonly problem: string }
  > {
    const parts = apiVersion.split('/');
    if (parts.length > 2) return { problem: `unexpected GroupVersion string: ${apiVersion}` };
    const group = parts.length === 2 ? (parts[0] ?? '') : '';
    await this.#resources.known();
    const found = this.#resources.all.find((each) => each.kind === kind && each.group === group);
    return found ?? { problem: `no matches for kind "${kind}" in group "${group}"` };
  }

  async scaleOf(resource: ResourceDescriptor, place: ScalePlace): Promise<Scale> {
    return this.#part(resource, place).get({ signal: place.signal });
  }

  /** Errors: a conflict when somebody else has changed the object since. */
  async scaleTo(
    resource: ResourceDescriptor,
    { scale, replicas }: { readonly scale: Scale; readonly replicas: number },
    place: ScalePlace,
  ): Promise<void> {
    const wanted = { ...scale, spec: { ...scale.spec, replicas } };
    await this.#part(resource, place).replace(wanted, { signal: place.signal });
  }

  #part(resource: ResourceDescriptor, { namespace, name }: ScalePlace): Subresource<Scale> {
    const kind = resource as ResourceDescriptor<Scale>;
    return this.#client.subresource<Scale>(kind, name, 'scale', { namespace });
  }
}

interface ScalePlace {
  readonly namespace: string;
  readonly name: string;
  readonly signal: AbortSignal;
}
