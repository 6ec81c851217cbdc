import type { KubernetesObject } from '@fairway/protocol';
import type { ServedResource } from '../registry/served-resource.ts';
import type {
  AdmissionPlugin,
  AdmissionRequest,
  AdmitRequest,
  ValidateRequest,
} from './admission-plugin.ts';
import { AdmissionRounds } from './admission-rounds.ts';

/** Both phases of admission; the answer is waited for, if there is any. */
export interface AdmissionSteps {
  admit(asked: Omit<AdmitRequest<KubernetesObject>, 'rounds'>): Promise<void> | undefined;
  validate(request: ValidateRequest<KubernetesObject>): Promise<void> | undefined;
}

/**
 * The plugins of a server in the order in which they are asked. Which of them a request concerns is found out once for
 * all that are alike, and one that answers at once is not waited for: a plugin without anything to go by
 * costs a request next to nothing.
 */
export class AdmissionChain implements AdmissionSteps {
  readonly #plugins: readonly AdmissionPlugin[];
  readonly #concerned = new WeakMap<ServedResource, Map<string, readonly AdmissionPlugin[]>>();

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins;
  }

  /**
   * Asks every plugin in order before the object is complete, and once more when one has asked for that; the
   * first that refuses ends it.
   */
  async admit(asked: Omit<AdmitRequest<KubernetesObject>, 'rounds'>): Promise<void> {
    const rounds = new AdmissionRounds();
    const request = { ...asked, rounds };
    do {
      for (const plugin of this.#concernedBy(request)) {
        const answer = plugin.admit?.(request);
        if (answer !== undefined) await answer;
      }
    } while (rounds.begin());
  }

  /** Asks every plugin in order about the final object; the first that refuses ends it. */
  async validate(request: ValidateRequest<KubernetesObject>): Promise<void> {
    for (const plugin of this.#concernedBy(request)) {
      const answer = plugin.validate?.(request);
      if (answer !== undefined) await answer;
    }
  }

  #concernedBy(request: AdmissionRequest): readonly AdmissionPlugin[] {
    const { resource, operation, subresource } = request;
    let ofResource = this.#concerned.get(resource);
    if (ofResource === undefined) {
      ofResource = new Map();
      this.#concerned.set(resource, ofResource);
    }
    const key = `${operation}/${subresource}`;
    const known = ofResource.get(key);
    if (known !== undefined) return known;
    const concerned = this.#plugins.filter((plugin) => handles(plugin, request));
    ofResource.set(key, concerned);
    return concerned;
  }
}

function handles(
  { operations, resources }: AdmissionPlugin,
  { operation, resource, subresource }: AdmissionRequest,
): boolean {
  if (!operations.includes(operation)) return false;
  if (resources === undefined) return true;
  const name = `${resource.group}/${resource.plural}`;
  return resources.includes(subresource === '' ? name : `${name}/${subresource}`);
}
