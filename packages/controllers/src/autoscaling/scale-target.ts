import {
  type Client,
  type DiscoveredResource,
  type Subresource,
  createDiscovery,
} from '@fairway/client';
import type { Scale } from '@fairway/kinds/autoscaling/v1';
import type { CrossVersionObjectReference } from '@fairway/kinds/autoscaling/v2';
import type { DeepReadonly, ResourceDescriptor } from '@fairway/protocol';

/** Finds what autoscalers name, of whatever kind, and scales it. */
export class ScaleTargets {
  readonly #client: Client;
  readonly #discovery: ReturnType<typeof createDiscovery>;

  constructor(client: Client) {
    this.#client = client;
    this.#discovery = createDiscovery(client);
  }

  /** The resource of a kind, in the version that the server prefers; or why there is none. */
  async find(
    { apiVersion = 'v1', kind }: DeepReadonly<CrossVersionObjectReference>,
    signal: AbortSignal,
  ): Promise<DiscoveredResource | { readonly problem: string }> {
    const parts = apiVersion.split('/');
    if (parts.length > 2) return { problem: `unexpected GroupVersion string: ${apiVersion}` };
    const group = parts.length === 2 ? (parts[0] ?? '') : '';
    const isMeant = (each: DiscoveredResource): boolean =>
      each.kind === kind && each.group === group;
    const known = (await this.#discovery.resources({ signal })).find(isMeant);
    if (known !== undefined) return known;
    // A definition may have come since.
    this.#discovery.invalidate();
    const found = (await this.#discovery.resources({ signal })).find(isMeant);
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
