import type { Ingress, IngressBackend } from '@fairway/kinds/networking/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { keyOf } from '@fairway/reconcile';
import type { IngressRules, PathRule, Route } from './routing-table.ts';

type AnyIngress = DeepReadonly<Ingress>;

/** Ingresses in the order in which they win: the oldest first. */
export function oldestFirst(ingresses: Iterable<AnyIngress>): readonly AnyIngress[] {
  const ageOf = (each: AnyIngress): string =>
    `${each.metadata?.creationTimestamp ?? ''} ${keyOf(each)}`;
  return [...ingresses].toSorted((one, other) => (ageOf(one) < ageOf(other) ? -1 : 1));
}

/** The rules of an ingress; those that lead to no service, but to a resource, are none. */
export function rulesOf(ingress: AnyIngress): IngressRules {
  const { rules = [], defaultBackend } = ingress.spec ?? {};
  const paths = rules.flatMap(({ host = '', http }) =>
    (http?.paths ?? []).flatMap(({ path = '/', pathType, backend }): readonly PathRule[] => {
      const route = routeOf(ingress, backend);
      if (route === undefined) return [];
      // What depends on who implements it is a prefix here, as with most.
      return [{ host, path, pathType: pathType === 'Exact' ? 'Exact' : 'Prefix', route }];
    }),
  );
  return {
    paths,
    fallback: defaultBackend === undefined ? undefined : routeOf(ingress, defaultBackend),
  };
}

/** In the namespace of the ingress: none of another one can be named. */
function routeOf(
  ingress: AnyIngress,
  { service }: DeepReadonly<IngressBackend>,
): Route | undefined {
  const port = service?.port?.number ?? service?.port?.name;
  if (service === undefined || port === undefined) return undefined;
  const { namespace = '' } = ingress.metadata ?? {};
  return { ingress: keyOf(ingress), namespace, service: service.name, port };
}

/** What of an ingress is not held, in words for its owner. */
export function unusedParts({ spec }: AnyIngress): readonly string[] {
  const backends = [
    spec?.defaultBackend ?? [],
    (spec?.rules ?? []).flatMap(({ http }) => (http?.paths ?? []).map(({ backend }) => backend)),
  ].flat();
  return backends.flatMap(({ resource }) =>
    resource === undefined
      ? []
      : [
          `a backend is the ${resource.kind} ${JSON.stringify(resource.name)}: only services can be backends`,
        ],
  );
}
