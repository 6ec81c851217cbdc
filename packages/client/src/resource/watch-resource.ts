import type { KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import { buildRequest } from './build-request.ts';
import type { Form, WatchOptions } from './call-options.ts';
import { type CallContext, acceptObject, selectorQuery } from './resource-call.ts';
import { collectionPath } from './resource-path.ts';
import { type EventStream, watchConnection } from './watch-connection.ts';

/** Events of a collection over one connection. */
export function watchObjects<T extends KubernetesObject>(
  context: CallContext,
  kind: ResourceDescriptor<T>,
  options: WatchOptions & { readonly as?: Form },
): EventStream<T> {
  const path = collectionPath(context, kind, options);
  const query = {
    watch: true,
    ...selectorQuery(options),
    resourceVersion: options.resourceVersion,
    resourceVersionMatch:
      options.resourceVersionMatch ??
      (options.sendInitialEvents === true ? 'NotOlderThan' : undefined),
    sendInitialEvents: options.sendInitialEvents,
    allowWatchBookmarks: options.allowWatchBookmarks ?? options.sendInitialEvents,
    timeoutSeconds: options.timeoutSeconds,
  };
  const { signal } = options;
  return watchConnection<T>(context.transport, (ended) =>
    buildRequest({
      method: 'GET',
      path,
      query,
      headers: acceptObject(options.as),
      signal: signal === undefined ? ended : AbortSignal.any([signal, ended]),
    }),
  );
}
