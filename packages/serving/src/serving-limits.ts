/** What one client may take of a server before it is cut off. */
export interface ServingLimits {
  /** Connections open at once; one more is closed as soon as it is accepted. */
  readonly connectionsMax: number;
  /** Request line and headers together. A service-account token alone has about 1 KiB. */
  readonly headerBytesMax: number;
  /** From the first byte of a request, or the end of the handshake, to the end of its headers. */
  readonly headersTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
  /** How long a connection without a request stays open. */
  readonly idleTimeoutMs: number;
  /** Requests open at once on one HTTP/2 connection; watches count. */
  readonly concurrentStreamsMax: number;
  /** How long a reader may leave a full buffer unread before its connection is cut. */
  readonly writeStallMs: number;
  /** What may wait for slow readers, all connections together, before the slowest are cut. */
  readonly unreadBytesMax: number;
  /** How long an unread request body may continue after the response. */
  readonly unreadBodyLingerMs: number;
}

export const defaultServingLimits: ServingLimits = {
  connectionsMax: 20_000,
  headerBytesMax: 64 * 1024,
  headersTimeoutMs: 30_000,
  handshakeTimeoutMs: 10_000,
  idleTimeoutMs: 90_000,
  concurrentStreamsMax: 250,
  writeStallMs: 60_000,
  unreadBytesMax: 256 * 1024 * 1024,
  unreadBodyLingerMs: 1_000,
};
