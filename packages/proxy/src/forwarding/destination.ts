import type { ApiError, HttpRequest } from '@fairway/protocol';
import type { Proxy } from './forward-to-cluster.ts';

/** Where a request goes. */
export interface Destination {
  readonly proxy: Proxy;
  /** The request as it gets there. */
  readonly request: HttpRequest;
  /** The same as the rules about paths read it; absent: as `request`. */
  readonly judged?: HttpRequest;
  /** The host is one that the proxy itself has made up, for this. */
  readonly madeHost?: MadeHost;
}

export type MadeHost = 'application' | 'cluster';

/** A place that a request may go to; undefined when it goes to another one. */
export type Place = (request: HttpRequest) => Destination | undefined;

/** What answers for a name that leads nowhere. */
export function refusing(refusal: () => ApiError): Proxy {
  const refuse = async (): Promise<never> => {
    throw refusal();
  };
  return { handler: refuse, upgradeHandler: refuse };
}

/** The request as it is seen from below a prefix that ends with a slash; undefined: it is not below it. */
export function below(request: HttpRequest, prefix: string): HttpRequest | undefined {
  if (!request.path.startsWith(prefix)) return undefined;
  return prefix === '/' ? request : { ...request, path: request.path.slice(prefix.length - 1) };
}
