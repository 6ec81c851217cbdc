/** A backend did not answer as it should; the message is for who operates it. */
export class BackendError extends Error {
  override readonly name = 'BackendError';
  /** `slow`: it took too long. `caller-slow`: who asks did. */
  readonly problem: 'unreachable' | 'broken' | 'slow' | 'caller-slow';
  /** It cannot have got anything of the request, so that another one may be asked. */
  readonly isUnsent: boolean;

  constructor(
    problem: BackendError['problem'],
    message: string,
    { isUnsent = false, cause }: { readonly isUnsent?: boolean; readonly cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.problem = problem;
    this.isUnsent = isUnsent;
  }
}
