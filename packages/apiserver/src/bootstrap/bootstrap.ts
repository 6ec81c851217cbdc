import { messageOf } from '@fairway/host';
import { type Handler, type KubernetesObject, formatResourcePath } from '@fairway/protocol';
import { callApi, unless } from '../calls/call-api.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import { aggregateBootstrapRoles } from './aggregate-bootstrap-roles.ts';
import { type StartingObject, type StartingPoint, startingObjects } from './starting-objects.ts';

/**
 * Creates what every cluster starts with and does not have yet, through the API like any other
 * caller, so that defaults, validation and admission apply; what is not served is left out. Of what is
 * there already it keeps current where the API is reached and whom it believes, adds back what is missing of
 * roles and bindings, and brings back flow schemas and priority levels that nobody has made their own.
 *
 * Errors: throws when the API refuses an object; a cluster without it would not work.
 */
export async function bootstrap(
  handler: Handler,
  point: StartingPoint & { readonly registry: ResourceRegistry; readonly cluster: ClusterReader },
): Promise<void> {
  const isServed = ({ plural, object }: StartingObject): boolean =>
    point.registry.find(...groupVersionOf(object), plural) !== undefined;
  for (const stage of startingObjects(point, aggregateBootstrapRoles())) {
    // All at once, so that a durable store makes few commits of them.
    await Promise.all(stage.filter(isServed).map((each) => ensure(handler, point.cluster, each)));
  }
}

function groupVersionOf({ apiVersion = '' }: KubernetesObject): [group: string, version: string] {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  return [group, version];
}

async function ensure(
  handler: Handler,
  cluster: ClusterReader,
  { plural, object, status, reconcile }: StartingObject,
): Promise<void> {
  const [group, version] = groupVersionOf(object);
  const { namespace = '', name = '' } = object.metadata ?? {};
  const resource = { group, version, plural, isNamespaced: namespace !== '' };
  const scope = namespace === '' ? {} : { namespace };
  const path = formatResourcePath(resource, { ...scope, name });
  try {
    const stored = await cluster.find(group, plural, { namespace, name });
    if (stored !== undefined) {
      const next = reconcile?.(stored);
      if (next === undefined) return;
      if ((await unless('Invalid', callApi(handler, 'PUT', path, next))) !== undefined) return;
      // The family of a slice's addresses, say, or the role of a binding never changes.
      await unless('NotFound', callApi(handler, 'DELETE', path));
    }
    const collection = formatResourcePath(resource, scope);
    // Another server of the same cluster may have created it first.
    await unless('AlreadyExists', callApi(handler, 'POST', collection, object));
    if (status === undefined) return;
    const judged: KubernetesObject & { status: object } = { ...object, status };
    await callApi(handler, 'PUT', `${path}/status`, judged);
  } catch (cause) {
    const why = messageOf(cause);
    throw new Error(`cannot write ${path}, which every cluster needs: ${why}`, { cause });
  }
}
