/**
 * `node:http`, without what importing it by name would load besides: fetch and WebSocket, which
 * cost more than all of this library.
 */
export function nodeHttp(): typeof import('node:http') {
  return process.getBuiltinModule('node:http');
}
