/** How a call ended, by name, as far as anybody here asks. Source: gRPC, status codes. */
export const grpcCodes = {
  ok: 0,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

/** A call did not succeed. The message is that of the server, or why there is no answer of one. */
export class GrpcError extends Error {
  override readonly name = 'GrpcError';
  /** One of `grpcCodes`, or another of gRPC's numbers. */
  readonly code: number;

  constructor(code: number, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
