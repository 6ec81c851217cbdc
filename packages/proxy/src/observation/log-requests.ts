import type { Clock } from '@fairway/host';
import { type RequestTarget, headerOf } from '@fairway/protocol';
import type { ObservedRequest, Observer } from './observe-requests.ts';

/** What is told of a request. Nothing in it lets anybody in: no headers but one, and of its query only what is known. */
export interface RequestLine {
  readonly time: string;
  readonly peer?: string;
  readonly caller?: string;
  readonly method: string;
  /** As it was sent, percent-encoded. */
  readonly path: string;
  readonly query?: string;
  readonly status: number;
  readonly elapsedMs: number;
  readonly verb?: string;
  readonly resource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly refusedBy?: string;
  readonly userAgent?: string;
}

export type RequestLogFormat = 'json' | 'text';

/** Writes a line for each request, when it is over. */
export function logRequests(
  format: RequestLogFormat,
  clock: Pick<Clock, 'now'>,
  write: (line: string) => void,
): Observer {
  const text = format === 'json' ? (line: RequestLine) => JSON.stringify(line) : textLine;
  return () => (observed) => write(`${text(requestLine(observed, clock.now()))}\n`);
}

/** What is told of a request that was over at `nowMs`. */
export function requestLine(
  { request, notes, status, elapsedMs }: ObservedRequest,
  nowMs: number,
): RequestLine {
  const { target, caller, refusedBy } = notes;
  const query = toldQuery(request.query, target);
  const peer = request.peer?.address;
  const userAgent = headerOf(request.headers, 'user-agent');
  return {
    time: new Date(nowMs).toISOString(),
    ...(peer === undefined || peer === '' ? {} : { peer }),
    ...(caller === undefined ? {} : { caller }),
    method: request.method,
    path: request.path,
    ...(query === '' ? {} : { query }),
    status,
    elapsedMs: Math.round(elapsedMs * 100) / 100,
    ...targetFields(target),
    ...(refusedBy === undefined ? {} : { refusedBy }),
    ...(userAgent === undefined ? {} : { userAgent }),
  };
}

function targetFields(
  target: RequestTarget | undefined,
): Pick<RequestLine, 'verb' | 'resource' | 'namespace' | 'name'> {
  if (target === undefined || !target.isResource) return {};
  const { verb, group, plural, subresource, namespace, name } = target;
  const resource = group === '' ? plural : `${plural}.${group}`;
  return {
    verb,
    resource: subresource === '' ? resource : `${resource}/${subresource}`,
    ...(namespace === '' ? {} : { namespace }),
    ...(name === '' ? {} : { name }),
  };
}

/** Parameters of the API whose values are no secrets; of others, such as the words of a command, only the name is told. */
const toldParameters: ReadonlySet<string> = new Set([
  'allowWatchBookmarks',
  'container',
  'dryRun',
  'fieldManager',
  'fieldSelector',
  'fieldValidation',
  'follow',
  'force',
  'gracePeriodSeconds',
  'labelSelector',
  'limit',
  'pretty',
  'previous',
  'propagationPolicy',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'sinceSeconds',
  'sinceTime',
  'stderr',
  'stdin',
  'stdout',
  'tailLines',
  'timeout',
  'timeoutSeconds',
  'timestamps',
  'tty',
  'watch',
]);

const hidden = '[hidden]';

function toldQuery(query: string, target: RequestTarget | undefined): string {
  if (query === '') return '';
  // What follows a proxied name is for an application, whose parameters nobody here knows.
  const isOurs = target?.isResource === true && target.subresource !== 'proxy';
  return query
    .split('&')
    .map((pair) => {
      const [name = ''] = pair.split('=', 1);
      const isTold = isOurs && toldParameters.has(name);
      if (isTold) return pair;
      return name === pair ? hidden : `${name}=${hidden}`;
    })
    .join('&');
}

/** `2026-01-02T03:04:05.000Z 127.0.0.1 ann GET /api/v1/pods?watch=1 200 12.5ms watch pods` */
function textLine(line: RequestLine): string {
  const { time, peer = '-', caller = '-', method, path, query, status, elapsedMs } = line;
  const { verb, resource, namespace, name, refusedBy } = line;
  const place = [namespace, name].filter((each) => each !== undefined).join('/');
  const words = [
    time,
    peer,
    caller,
    method,
    query === undefined ? path : `${path}?${query}`,
    String(status),
    `${elapsedMs}ms`,
    ...(verb === undefined || resource === undefined ? [] : [verb, resource]),
    ...(place === '' ? [] : [place]),
  ];
  const told = words.map((word) => (/^[!-~]+$/.test(word) ? word : JSON.stringify(word))).join(' ');
  return refusedBy === undefined ? told : `${told} (refused by ${refusedBy})`;
}
