import { type Clock, DisposalStack, type Logger, type Secret } from '@fairway/host';
import { type Listener, listen } from '@fairway/serving';
import { openAccessLog } from './access-log.ts';
import { BackendConnections } from './backend-connections.ts';
import type { Scheme } from './backend-headers.ts';
import type { FindBackends } from './find-backends.ts';
import type { FollowedIngresses } from './follow-ingresses.ts';
import { ingressHandlers } from './ingress-handler.ts';

/** A host and a port; port 0 takes a free one. */
export interface IngressPort {
  readonly host: string;
  readonly port: number;
}

/** For plain HTTP, and for HTTP over TLS; absent: none. */
export interface IngressPorts {
  readonly http?: IngressPort;
  readonly https?: IngressPort;
}

export interface OpenIngressOptions extends IngressPorts {
  /** For clients that ask for no name that an ingress has a certificate for. */
  readonly certificate: { readonly certificate: string; readonly key: Secret };
  readonly followed: Pick<FollowedIngresses, 'table' | 'contextFor'>;
  readonly findBackends: FindBackends;
  readonly accessLogPath: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Ports that lead to the programs of services. */
export type OpenIngress = AsyncDisposable & IngressPorts;

/** How long requests may take to end when an ingress is closed. */
const graceMs = 2_000;

/** Errors: `ListenError`; the system's for a log that cannot be written. */
export async function openIngress(options: OpenIngressOptions): Promise<OpenIngress> {
  const { followed, findBackends, certificate, clock, logger, accessLogPath } = options;
  await using opening = new DisposalStack();
  const log = opening.use(await openAccessLog(accessLogPath, { clock, logger }));
  const connections = new BackendConnections({ clock });
  opening.defer(async () => connections[Symbol.dispose]());
  const open = async (
    scheme: Scheme,
    at: IngressPort | undefined,
  ): Promise<IngressPort | undefined> => {
    if (at === undefined) return undefined;
    const handlers = ingressHandlers({
      table: followed.table,
      findBackends,
      connections,
      noteAccess: log.note,
      scheme,
      clock,
      logger,
    });
    const tls = { ...certificate, contextFor: followed.contextFor };
    const shared = { ...at, ...handlers, clock, logger };
    const listener = await listen(scheme === 'http' ? shared : { ...shared, tls });
    opening.defer(() => listener.close({ graceMs }));
    return portOf(listener, at);
  };
  const http = await open('http', options.http);
  const https = await open('https', options.https);
  const opened = opening.move();
  return {
    ...(http === undefined ? {} : { http }),
    ...(https === undefined ? {} : { https }),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

function portOf({ address }: Listener, asked: IngressPort): IngressPort {
  return 'port' in address ? address : asked;
}
