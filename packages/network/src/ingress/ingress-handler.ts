import type { Clock, Logger } from '@fairway/host';
import {
  ApiError,
  type Handler,
  type HttpRequest,
  type HttpResponse,
  type UpgradeAnswer,
  type UpgradeHandler,
} from '@fairway/protocol';
import { type Upstream, forwardRequest, forwardUpgrade, limitBody } from '@fairway/serving';
import type { Backend } from '../service-backends.ts';
import type { NoteAccess } from './access-log.ts';
import type { BackendConnections } from './backend-connections.ts';
import { BackendError } from './backend-error.ts';
import { type Scheme, backendHeaders } from './backend-headers.ts';
import { leadsUp } from './canonical-path.ts';
import type { Backends, FindBackends } from './find-backends.ts';
import { type RequestHost, requestHost } from './request-host.ts';
import type { Route, RoutingTable } from './routing-table.ts';

/** Programs that are asked before a client hears that none is reached. */
const triesMax = 3;

const bodyBytesMaxDefault = 1024 * 1024 * 1024;

export interface IngressHandlerParts {
  readonly table: () => RoutingTable;
  readonly findBackends: FindBackends;
  readonly connections: Pick<BackendConnections, 'send' | 'upgrade'>;
  readonly noteAccess: NoteAccess;
  readonly clock: Clock;
  readonly logger: Logger;
  /** By which clients come to these handlers. */
  readonly scheme: Scheme;
  /** A body that is longer is refused; 1 GiB when absent. */
  readonly bodyBytesMax?: number;
}

/** What a request is for. */
interface Destination {
  readonly host: RequestHost;
  readonly backends: Backends;
}

/** Both seams of an ingress: leads requests to the programs of services, by the rules of ingresses. */
export function ingressHandlers(parts: IngressHandlerParts): {
  readonly handler: Handler;
  readonly upgradeHandler: UpgradeHandler;
} {
  const { bodyBytesMax = bodyBytesMaxDefault } = parts;
  const passOn = limitBody<DestinedRequest>({ bodyBytesMax }, (request) =>
    forwardRequest(forwardingOf(request, parts))(request),
  );
  const passUpgradeOn = (request: DestinedRequest): Promise<UpgradeAnswer> =>
    forwardUpgrade(forwardingOf(request, parts))(request);
  return {
    handler: (request) =>
      answered(request, parts, {
        passOn,
        refuse: (response) => response,
        statusOf: ({ status }) => status,
      }),
    upgradeHandler: (request) =>
      answered<UpgradeAnswer>(request, parts, {
        passOn: passUpgradeOn,
        refuse: (response) => ({ kind: 'refused', response }),
        statusOf: (answer) => (answer.kind === 'refused' ? answer.response.status : 101),
      }),
  };
}

type DestinedRequest = HttpRequest & { readonly destination: Destination };

/** How a request is answered: with a response, or with what may become a stream. */
interface AnswerForm<Answer> {
  readonly passOn: (request: DestinedRequest) => Promise<Answer>;
  readonly refuse: (response: HttpResponse) => Answer;
  readonly statusOf: (answer: Answer) => number;
}

async function answered<Answer>(
  request: HttpRequest,
  parts: IngressHandlerParts,
  { passOn, refuse, statusOf }: AnswerForm<Answer>,
): Promise<Answer> {
  const { clock, noteAccess } = parts;
  const sinceMs = clock.elapsed();
  let route: Route | undefined;
  let why: string | undefined;
  let answer: Answer;
  try {
    const host = requestHost(request.headers);
    if (host === undefined) throw new Refusal(400, 'the header Host is no name');
    if (leadsUp(request.path)) throw new Refusal(400, 'the path leads up: send it resolved');
    route = parts.table().match(host.name, request.path);
    if (route === undefined) throw new Refusal(404, 'no ingress has a rule for this host and path');
    const choice = await parts.findBackends(route);
    if (choice.kind === 'none')
      throw new Refusal(503, 'no program of the service is ready', choice.why);
    answer = await passOn({ ...request, destination: { host, backends: choice.backends } });
  } catch (failure) {
    const refusal = refusalOf(failure, request, parts);
    ({ why } = refusal);
    answer = refuse(refusal.response);
  }
  noteAccess({ request, status: statusOf(answer), route, why, tookMs: clock.elapsed() - sinceMs });
  return answer;
}

function forwardingOf(
  { destination: { backends, host } }: DestinedRequest,
  { connections, scheme }: IngressHandlerParts,
): Parameters<typeof forwardRequest<DestinedRequest>>[0] {
  const to: Upstream = {
    send: (request) => untilSent(backends, (each) => connections.send(each, request)),
    upgrade: (request) => untilSent(backends, (each) => connections.upgrade(each, request)),
  };
  return {
    to,
    requestOf: ({ destination: _, ...request }) => ({
      ...request,
      headers: backendHeaders(request, { scheme, host }),
    }),
    failureOf: (failure) => failure,
  };
}

/** Asks the next one where the one before cannot have got anything. */
async function untilSent<T>(backends: Backends, ask: (to: Backend) => Promise<T>): Promise<T> {
  const all = backends.inTurn();
  const triesCount = Math.min(all.length, triesMax);
  for (let at = 0; at < triesCount; at++) {
    try {
      return await ask(all[at] as Backend);
    } catch (failure) {
      const isLast = at === triesCount - 1;
      if (isLast || !(failure instanceof BackendError) || !failure.isUnsent) throw failure;
    }
  }
  throw new Error('a service without programs was asked');
}

/** An answer of the ingress itself. */
class Refusal extends Error {
  readonly status: number;
  /** For the log, what a client need not know. */
  readonly why: string;

  constructor(status: number, message: string, why = message) {
    super(message);
    this.status = status;
    this.why = why;
  }

  get response(): HttpResponse {
    return {
      status: this.status,
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'x-content-type-options': 'nosniff',
        ...(this.status === 503 ? { 'retry-after': '1' } : {}),
      },
      body: Buffer.from(`${this.message}\n`),
    };
  }
}

function refusalOf(
  failure: unknown,
  { signal, path }: HttpRequest,
  { logger }: IngressHandlerParts,
): Refusal {
  if (failure instanceof Refusal) return failure;
  if (failure instanceof ApiError) return new Refusal(failure.code, failure.message);
  if (signal.aborted) return new Refusal(499, 'the client has gone');
  if (failure instanceof BackendError) {
    const [status, message] = tellings[failure.problem];
    return new Refusal(status, message, failure.message);
  }
  logger.error('an ingress has failed', { path, error: failure });
  return new Refusal(500, 'the ingress has failed');
}

const tellings = {
  unreachable: [502, 'no program of the service is reached'],
  broken: [502, 'the program of the service has not answered as it should'],
  slow: [504, 'the program of the service takes too long'],
  'caller-slow': [408, 'the request takes too long'],
} as const;
