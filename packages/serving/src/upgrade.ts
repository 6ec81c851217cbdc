import type { Duplex } from 'node:stream';
import type { HttpHeaders, HttpRequest, HttpResponse } from '@fairway/protocol';

/**
 * Answers a request to change the protocol of its connection (exec, attach, port-forward): the
 * second seam, over byte streams. Throws `ApiError` to refuse, as a `Handler` does.
 *
 * Source: RFC 9110 §7.8.
 */
export type UpgradeHandler = (request: HttpRequest) => Promise<UpgradeOutcome>;

export type UpgradeOutcome =
  | { readonly kind: 'refused'; readonly response: HttpResponse }
  | {
      readonly kind: 'accepted';
      /** Sent with the 101: `upgrade` names the protocol; `connection` is added. */
      readonly headers: HttpHeaders;
      /**
       * Speaks the new protocol until it is over; then the stream is ended. Bytes that came early
       * are read from `stream` first. What it throws is logged, and cuts the connection.
       */
      readonly run: (stream: Duplex) => Promise<void>;
    };

/** The protocols that a Kubernetes API upgrades to; anything else (h2c) is an offer to ignore. */
export function isUpgradeWanted(upgrade: string | undefined): boolean {
  return /^(websocket|spdy\/3\.1)$/i.test(upgrade?.trim() ?? '');
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
