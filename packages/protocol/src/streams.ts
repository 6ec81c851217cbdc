/** The protocols of exec, attach and port-forward as values, for clients and servers alike. */
export { acceptUpgrade } from './accept-upgrade.ts';
export { byteStreamPair, joinByteStreams } from './byte-stream.ts';
export { ByteQueue } from './byte-queue.ts';
export {
  encodeCloseReason,
  encodeWebSocketFrame,
  type OutgoingWebSocketFrame,
} from './websocket/encode-websocket-frame.ts';
export { ServerWebSocket } from './pod-streams/server-web-socket.ts';
export { webSocketAccept } from './websocket/web-socket-accept.ts';
export { WebSocketDecoder, type WebSocketEvent } from './websocket/websocket-decoder.ts';
export { WebSocketError, type WebSocketProblem } from './websocket/websocket-error.ts';
export type { HeaderCompression } from './spdy/header-block.ts';
export { SpdyError, type SpdyProblem } from './spdy/spdy-error.ts';
export { spdyResetStatus } from './spdy/spdy-frame.ts';
export { SpdySession, type SpdySessionOptions } from './spdy/spdy-session.ts';
export type { SpdyStream } from './spdy/spdy-stream.ts';
