import { headerOf } from '@fairway/protocol';
import type { Place } from '../forwarding/destination.ts';
import type { HostRoads } from './host-roads.ts';
import { parseHostedName, proxiedPath } from './hosted-name.ts';

/** Services and pods by the host of a request. Rules about paths read it as if it had the path of the API. */
export function hostedPlace(roads: Pick<HostRoads, 'to'>): Place {
  return (request) => {
    const name = parseHostedName(headerOf(request.headers, 'host') ?? '');
    if (name === undefined) return undefined;
    return {
      proxy: roads.to(name),
      request,
      judged: { ...request, path: `${proxiedPath(name)}${request.path}` },
      madeHost: 'application',
    };
  };
}
