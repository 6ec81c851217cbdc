import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Peer } from '@fairway/protocol';

/** What a connection proves about its other end. Ask once per connection. */
export function readPeer(socket: Socket): Peer {
  // Unix sockets have no remote address.
  const address = socket.remoteAddress ?? 'unix';
  // The socket of an HTTP/2 session is a proxy, which `instanceof` sees through.
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  if (certificate === undefined) return { address };
  const { authorized } = socket as TLSSocket;
  return { address, certificate: certificate.raw, isCertificateTrusted: authorized };
}
