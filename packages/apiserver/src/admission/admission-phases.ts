import type { KubernetesObject } from '@fairway/protocol';
import type {
  AdmissionPlugin,
  AdmissionRequest,
  AdmitRequest,
  ValidateRequest,
} from './admission-plugin.ts';
import { AdmissionRounds } from './admission-rounds.ts';

/**
 * Asks every plugin in order before the object is complete, and once more when one has asked for that; the
 * first that refuses ends it.
 */
export async function admit(
  plugins: readonly AdmissionPlugin[],
  asked: Omit<AdmitRequest<KubernetesObject>, 'rounds'>,
): Promise<void> {
  const rounds = new AdmissionRounds();
  const request = { ...asked, rounds };
  do {
    for (const plugin of plugins) {
      if (plugin.admit === undefined || !handles(plugin, request)) continue;
      await plugin.admit(request);
    }
  } while (rounds.begin());
}

/** Asks every plugin in order about the final object; the first that refuses ends it. */
export async function validate(
  plugins: readonly AdmissionPlugin[],
  request: ValidateRequest<KubernetesObject>,
): Promise<void> {
  for (const plugin of plugins) {
    if (plugin.validate === undefined || !handles(plugin, request)) continue;
    await plugin.validate(request);
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
