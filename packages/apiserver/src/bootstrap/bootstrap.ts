import { type Handler, type KubernetesObject, formatResourcePath } from '@fairway/protocol';
import { aggregateBootstrapRoles } from './aggregate-bootstrap-roles.ts';
import { type StartingObject, type StartingPoint, startingObjects } from './starting-objects.ts';

/**
 * Creates what every cluster starts with and does not have yet, through the API like any other
 * caller, so that defaults, validation and admission have their say. What is there already is left
 * alone, but for the address under which the API is to be reached.
 *
 * Errors: throws when the API refuses an object; a cluster without it would not work.
 */
export async function bootstrap(handler: Handler, point: StartingPoint): Promise<void> {
  for (const stage of startingObjects(point, aggregateBootstrapRoles())) {
    // All at once, so that a durable store makes few commits of them.
    await Promise.all(stage.map((each) => ensure(handler, each)));
  }
}

async function ensure(
  handler: Handler,
  { plural, object, status, isKeptCurrent }: StartingObject,
): Promise<void> {
  const [version = '', group = ''] = (object.apiVersion ?? '').split('/').reverse();
  const { namespace = '', name = '' } = object.metadata ?? {};
  const resource = { group, version, plural, isNamespaced: namespace !== '' };
  const scope = namespace === '' ? {} : { namespace };
  const path = formatResourcePath(resource, { ...scope, name });
  const existing = await call(handler, { method: 'GET', path });
  if (existing.status === 200) {
    if (isKeptCurrent === true) await require200(handler, { method: 'PUT', path, object });
    return;
  }
  const collection = formatResourcePath(resource, scope);
  const created = await call(handler, { method: 'POST', path: collection, object });
  // Another server of the same cluster may have been faster.
  if (created.status !== 201 && created.status !== 409) {
    throw new Error(`cannot create ${path}: ${created.text}`);
  }
  if (status === undefined) return;
  const judged: KubernetesObject & { status: object } = { ...object, status };
  await require200(handler, { method: 'PUT', path: `${path}/status`, object: judged });
}

interface LoopbackCall {
  readonly method: string;
  readonly path: string;
  readonly object?: KubernetesObject;
}

async function require200(handler: Handler, request: LoopbackCall): Promise<void> {
  const { status, text } = await call(handler, request);
  if (status !== 200) throw new Error(`cannot write ${request.path}: ${text}`);
}

async function call(
  handler: Handler,
  { method, path, object }: LoopbackCall,
): Promise<{ status: number; text: string }> {
  const response = await handler({
    method,
    path,
    query: '',
    headers: { 'content-type': 'application/json', 'user-agent': 'fairway-bootstrap' },
    body: object === undefined ? undefined : Buffer.from(JSON.stringify(object)),
    signal: new AbortController().signal,
  });
  const text = response.body instanceof Uint8Array ? Buffer.from(response.body).toString() : '';
  return { status: response.status, text };
}
