import type { Ingress, IngressClass } from '@fairway/kinds/networking/v1';
import { type DeepReadonly, annotationsOf } from '@fairway/protocol';

/** The class of ingresses that are served here, and by what of a class its ingresses are known as these. */
export const className = 'fairway';
export const controllerName = 'fairway.dev/ingress';

const classAnnotation = 'kubernetes.io/ingress.class';
const defaultAnnotation = 'ingressclass.kubernetes.io/is-default-class';

/** The class as a new cluster has it: what names no class is of this one. */
export const ingressClass: IngressClass = {
  metadata: { name: className, annotations: { [defaultAnnotation]: 'true' } },
  spec: { controller: controllerName },
};

/**
 * Whether an ingress is served here: its class has our controller, or it names none, as one that is older than
 * the class, and ours is the default.
 */
export function isServedHere(
  ingress: DeepReadonly<Ingress>,
  findClass: (name: string) => DeepReadonly<IngressClass> | undefined,
): boolean {
  const named = ingress.spec?.ingressClassName ?? annotationsOf(ingress)[classAnnotation];
  const found = findClass(named ?? className);
  if (found?.spec?.controller !== controllerName) return false;
  return named !== undefined || annotationsOf(found)[defaultAnnotation] === 'true';
}
