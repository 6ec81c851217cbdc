/** Why the runtime did not do as it was asked. */
export type RuntimeProblem =
  /** There is no such sandbox, container or image. */
  | 'not-found'
  /** It did not answer, or not in time. */
  | 'unavailable'
  | 'timeout'
  /** It cannot do that at all; the message names the remedy. */
  | 'unsupported'
  | 'failed';

/** A runtime has failed at something; the message is what a pod's events and statuses say. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
  readonly problem: RuntimeProblem;

  constructor(problem: RuntimeProblem, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.problem = problem;
  }
}
