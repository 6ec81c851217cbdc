/** Why a SPDY connection or one of its streams cannot go on. */
export type SpdyProblem =
  /** The other side does not keep to SPDY/3.1. */
  | 'malformed'
  /** A frame or a header block is longer than our bounds. */
  | 'too-long'
  /** The stream was reset by the other side, or by us. */
  | 'reset'
  /** The connection is over, or takes no more streams. */
  | 'gone';

/** SPDY cannot go on; `problem` says whether the whole connection or one stream is meant. */
export class SpdyError extends Error {
  override readonly name = 'SpdyError';
  readonly problem: SpdyProblem;
  /** For RST_STREAM, when there is one. Source: SPDY/3.1 §2.4.2. */
  readonly status: number | undefined;

  constructor(problem: SpdyProblem, message: string, options: { readonly status?: number } = {}) {
    super(message);
    this.problem = problem;
    this.status = options.status;
  }
}
