import type { KubernetesObject } from '@fairway/protocol';
import type { Reflector } from './reflect-state.ts';

/**
 * Whether something has the name that it is kept under. What has none is left out with a warning:
 * one bad object must not take all the others away.
 */
export function isNamed<T extends KubernetesObject>(
  { logger, kind }: Pick<Reflector<T>, 'logger' | 'kind'>,
  object: unknown,
): object is T {
  const { metadata } = (object ?? {}) as { metadata?: { name?: unknown; namespace?: unknown } };
  const { name, namespace } = metadata ?? {};
  const isWhole =
    typeof name === 'string' &&
    name !== '' &&
    (namespace === undefined || typeof namespace === 'string');
  if (!isWhole) {
    logger.warn('an object without a name was left out', {
      resource: kind.plural,
      name,
      namespace,
    });
  }
  return isWhole;
}
