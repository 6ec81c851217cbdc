import type { Clock, Logger } from '@fairway/host';
import type { Handler, HttpResponse } from '@fairway/protocol';
import { type Listener, listen } from '@fairway/serving';

/** Where the kube-apiserver beside it keeps its objects, and how. */
export interface StorePlace {
  /** Absolute. */
  readonly directory: string;
  /** False: writes do not wait for the disk. */
  readonly survivesPowerLoss: boolean;
}

/** Below it stands what only Fairway's kube-apiserver asks. */
export const storePlacePath = '/fairway/store';

/**
 * What a test environment waits for before it starts a kube-apiserver: `/health`, as an etcd has it. It
 * keeps nothing itself; it tells Fairway's kube-apiserver where to. Everything else is refused.
 *
 * Errors: `ListenError`.
 */
export async function serveEtcdStandIn(
  host: { readonly clock: Clock; readonly logger: Logger },
  at: readonly { readonly host: string; readonly port: number }[],
  place: StorePlace,
): Promise<readonly Listener[]> {
  const listeners: Listener[] = [];
  try {
    for (const each of at)
      listeners.push(await listen({ ...host, ...each, handler: answer(place) }));
    return listeners;
  } catch (error) {
    await Promise.all(listeners.map((each) => each.close()));
    throw error;
  }
}

function answer(place: StorePlace): Handler {
  return async ({ method, path }) => {
    if (method !== 'GET' && method !== 'HEAD') return json(501, noEtcd);
    switch (path) {
      case '/health':
        return json(200, { health: 'true', reason: '' });
      case '/livez':
      case '/readyz':
        return {
          status: 200,
          headers: { 'content-type': 'text/plain' },
          body: Buffer.from('ok\n'),
        };
      case storePlacePath:
        return json(200, place);
      default:
        return json(501, noEtcd);
    }
  };
}

const noEtcd = {
  error: 'this is no etcd but what Fairway has in its place for envtest: only /health is answered',
};

function json(status: number, value: object): HttpResponse {
  const headers = { 'content-type': 'application/json' };
  return { status, headers, body: Buffer.from(`${JSON.stringify(value)}\n`) };
}
