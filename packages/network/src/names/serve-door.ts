import type { NameResolver } from './name-resolver.ts';
import type { NamesDoor, NamesPort } from './names-port.ts';
import { NameConnections } from './serve-connections.ts';

/** Answers what comes through a door. Errors: the system's, where it cannot be opened. */
export async function serveDoor(
  resolver: Pick<NameResolver, 'answer'>,
  { address, open }: NamesDoor,
): Promise<NamesPort> {
  const connections = new NameConnections(resolver);
  const door = await open({
    datagram: (message) => resolver.answer(message, 'udp'),
    connection: (socket) => connections.take(socket),
  });
  return {
    address,
    failed: new Promise(() => {}),
    async [Symbol.asyncDispose]() {
      connections.close();
      await door[Symbol.asyncDispose]();
    },
  };
}
