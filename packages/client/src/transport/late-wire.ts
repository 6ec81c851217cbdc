import type { Wire } from './node-transport.ts';

/** A wire whose code is loaded with the first request, so that a program starts without it. */
export function lateWire(load: () => Promise<Wire>): Wire {
  let loading: Promise<Wire> | undefined;
  let isClosed = false;
  const loaded = async (): Promise<Wire> => {
    const wire = await (loading ??= load());
    if (isClosed) wire.close();
    return wire;
  };
  return {
    send: async (request) => (await loaded()).send(request),
    upgrade: async (request) => (await loaded()).upgrade(request),
    close() {
      isClosed = true;
      // A failure to load was already reported to the request that needed it.
      loading?.then(
        (wire) => wire.close(),
        () => {},
      );
    },
  };
}
