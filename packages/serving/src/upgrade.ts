import type { IncomingHttpHeaders } from 'node:http';
import type { HttpHeaders } from '@fairway/protocol';

/**
 * Whether a request asks for a protocol that a Kubernetes API upgrades to; anything else (h2c) is an
 * offer to ignore. With a body, it is first of all a request: nothing tells where the body would end.
 */
export function isUpgradeWanted(headers: IncomingHttpHeaders): boolean {
  if (!/^(websocket|spdy\/3\.1)$/i.test(headers.upgrade?.trim() ?? '')) return false;
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
}

/** The head of a 101 answer, ready for the socket. Errors: throws on a header that cannot be sent. */
export function formatUpgradeHead(headers: HttpHeaders): string {
  const lines = ['HTTP/1.1 101 Switching Protocols', 'connection: Upgrade'];
  for (const [name, values] of Object.entries(headers)) {
    if (name === 'connection') continue;
    for (const value of typeof values === 'string' ? [values] : values) {
      if (/[\r\n\0]/.test(name + value)) throw new Error(`header ${name} contains a line break`);
      lines.push(`${name}: ${value}`);
    }
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
