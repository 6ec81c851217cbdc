import { connect } from 'node:net';
import { joinSockets } from './join-sockets.ts';
import { serveSocket } from './serve-socket.ts';

/** Where an address of the cluster leads: `10.96.0.1:443` to the API server of this machine. */
export interface ApiRoute {
  readonly serviceAddress: string;
  readonly servicePort: number;
  readonly target: { readonly host: string; readonly port: number };
}

export const relaySocket = 'api.sock';

/** The outer end of the way from pods to the API: a socket in a folder, which every pod's shim finds. */
export async function openApiRelay(
  directory: string,
  { target }: ApiRoute,
): Promise<AsyncDisposable> {
  return await serveSocket(directory, relaySocket, (inner) =>
    joinSockets(inner, connect({ ...target, allowHalfOpen: true })),
  );
}
