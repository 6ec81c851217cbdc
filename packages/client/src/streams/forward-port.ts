import type { Duplex } from 'node:stream';
import type { Client } from '../client.ts';
import type { NamespaceOption } from '../resource/call-options.ts';
import { type CarryOptions, type PortForward, carryConnections } from './carry-connections.ts';
import { type PodConnections, openPodConnections } from './pod-connections.ts';

export interface ForwardPortOptions extends CarryOptions, NamespaceOption {}

/**
 * Listens on a local port and carries each connection to a port of a pod, all of them over one
 * connection to the server.
 *
 * When that is lost, so are the connections over it; the next local connection opens another, to
 * the pod that has the name by then. Nothing is tried without a caller who waits for it.
 *
 * Errors: `ApiError` and `ConnectionError` as the way into the pod cannot be opened; the system's
 * error when the local port cannot.
 */
export async function forwardPort(
  client: Client,
  pod: string,
  port: number,
  options: ForwardPortOptions = {},
): Promise<PortForward> {
  // As it was given: an undefined namespace is a mistake that is told.
  const ways = reopening(() => openPodConnections(client, pod, options));
  await ways.current();
  const connect = async (): Promise<Duplex> => (await ways.current()).connect(port);
  try {
    const forward = await carryConnections(connect, options);
    const close = async (): Promise<void> => {
      await Promise.all([forward.close(), ways.close()]);
    };
    return { ...forward, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await ways.close();
    throw error;
  }
}

/** One way into the pod at a time; another one when it is lost and somebody needs it. */
function reopening(open: () => Promise<PodConnections>): {
  current(): Promise<PodConnections>;
  close(): Promise<void>;
} {
  let opening: Promise<PodConnections> | undefined;
  let way: PodConnections | undefined;
  let isClosed = false;
  return {
    async current() {
      if (way?.isOver === true) way = opening = undefined;
      opening ??= open();
      const mine = opening;
      try {
        way = await mine;
      } catch (error) {
        if (opening === mine) opening = undefined;
        throw error;
      }
      if (isClosed) await way.close();
      return way;
    },
    async close() {
      isClosed = true;
      await way?.close();
    },
  };
}
