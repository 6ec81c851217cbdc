/** Why a WebSocket connection cannot go on. */
export type WebSocketProblem = 'malformed' | 'too-long' | 'wrong-mask';

/** The other side does not keep to RFC 6455, or to our bounds. */
export class WebSocketError extends Error {
  override readonly name = 'WebSocketError';
  readonly problem: WebSocketProblem;

  constructor(problem: WebSocketProblem, message: string) {
    super(`cannot read the WebSocket connection on: ${message}`);
    this.problem = problem;
  }

  /** For the close frame. Source: RFC 6455 §7.4.1. */
  get closeCode(): number {
    return this.problem === 'too-long' ? 1009 : 1002;
  }
}
