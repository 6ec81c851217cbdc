import type { KubernetesObject } from '@fairway/protocol';
import type { Reflector } from './reflect-state.ts';

/**
 * Whether an object has a name, under which it is kept. One without a name is left out with a
 * warning instead of failing the whole list.
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
