import { createHash } from 'node:crypto';
import type { HttpHeaders } from '../http-message.ts';

/**
 * What `Sec-WebSocket-Accept` answers to the headers of a request; undefined when they are no
 * handshake of version 13. Source: RFC 6455 §4.2.
 */
export function webSocketAccept(headers: HttpHeaders): string | undefined {
  const key = onlyValue(headers, 'sec-websocket-key');
  const version = onlyValue(headers, 'sec-websocket-version');
  if (version !== '13' || key === undefined || !/^[+/\w]{22}==$/.test(key)) return undefined;
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

function onlyValue(headers: HttpHeaders, name: string): string | undefined {
  const [value] = [headers[name] ?? []].flat();
  return value?.trim();
}
