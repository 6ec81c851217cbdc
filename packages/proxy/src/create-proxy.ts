import type { AnsweredRequest } from '@fairway/access';
import type { Logger } from '@fairway/host';
import type { Handler, HttpRequest, UpgradeHandler } from '@fairway/protocol';
import { reportErrors } from '@fairway/serving';
import { fenceIn } from './fences/fence-in.ts';
import type { Fence } from './fences/fences.ts';
import { staticFiles } from './files/static-files.ts';
import { type AcceptFilter, type AcceptRules, acceptFilter } from './filters/accept-filter.ts';
import {
  type ForwardingOptions,
  type Proxy,
  forwardToCluster,
} from './forwarding/forward-to-cluster.ts';
import { recordRequests } from './recording/record-requests.ts';

export interface ProxyOptions extends Omit<ForwardingOptions, 'prefix'> {
  /** Undefined: every request is let through, also from any web page. */
  readonly rules: AcceptRules | undefined;
  /**
   * Path under which the API is: `/`, or one that is taken away before a request goes on, except
   * below `/api`.
   */
  readonly apiPrefix: string;
  /** What callers may do of all that the user may; absent: all of it. */
  readonly fence?: Fence | undefined;
  /** Told of each request that the cluster has answered. */
  readonly onAnswered?: ((request: AnsweredRequest) => void) | undefined;
  /** A folder of files to offer beside the API. */
  readonly files?: { readonly directory: string; readonly prefix: string };
  readonly logger: Logger;
}

/**
 * Makes a proxy that answers in the name of its user: filters around a transport to a cluster.
 *
 * Errors: `RangeError` when files would hide the API.
 */
export function createProxy(options: ProxyOptions): Proxy {
  const { rules, logger } = options;
  const apiPrefix = withSlash(options.apiPrefix);
  const stripped = apiPrefix.startsWith('/api') ? '/' : apiPrefix;
  const files = filesOf(options, apiPrefix);
  const cluster = fenceIn(
    options.fence,
    recordRequests(options, forwardToCluster({ ...options, prefix: stripped })),
  );
  const refusalOf = rules === undefined ? acceptEverything : acceptFilter(rules);
  const handler: Handler = async (request) => {
    const api = below(request, apiPrefix, stripped);
    const file = files === undefined ? undefined : below(request, files.prefix, files.prefix);
    const refusal = refusalOf(file ?? api ?? request);
    if (refusal !== undefined) return refusal;
    if (files !== undefined && file !== undefined) return files.answer(file);
    return api === undefined ? notFound : cluster.handler(api);
  };
  const upgradeHandler: UpgradeHandler = async (request) => {
    const wanted = below(request, apiPrefix, stripped);
    const refusal = refusalOf(wanted ?? request);
    if (refusal !== undefined) return { kind: 'refused', response: refusal };
    if (wanted === undefined) return { kind: 'refused', response: notFound };
    return cluster.upgradeHandler(wanted);
  };
  return { handler: reportErrors({ logger }, handler), upgradeHandler };
}

const acceptEverything: AcceptFilter = () => undefined;

const notFound = {
  status: 404,
  headers: {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  },
  body: Buffer.from('404 page not found\n'),
} as const;

function filesOf(
  { files }: ProxyOptions,
  apiPrefix: string,
): { readonly prefix: string; readonly answer: Handler } | undefined {
  if (files === undefined) return undefined;
  const prefix = withSlash(files.prefix);
  if (apiPrefix.startsWith(prefix)) {
    throw new RangeError(
      `files at ${prefix} would hide the API at ${apiPrefix}; choose another prefix`,
    );
  }
  return { prefix, answer: staticFiles(files.directory) };
}

function withSlash(prefix: string): string {
  const begun = prefix.startsWith('/') ? prefix : `/${prefix}`;
  return begun.endsWith('/') ? begun : `${begun}/`;
}

/** The request as it is seen from below a prefix, still percent-encoded; undefined: not below it. */
function below(request: HttpRequest, prefix: string, stripped: string): HttpRequest | undefined {
  if (!request.path.startsWith(prefix)) return undefined;
  if (stripped === '/') return request;
  return { ...request, path: request.path.slice(stripped.length - 1) };
}
