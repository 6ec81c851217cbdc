/** One thing wrong with a configuration. */
export interface KubeconfigIssue {
  /** File, flag or environment variable that said it. */
  readonly file: string;
  /** As one would write it down: `users["dev"].user.client-key`. Empty: the file as a whole. */
  readonly field: string;
  /** What is wrong with it, and the remedy where it is known. Never shows a secret. */
  readonly detail: string;
}

/**
 * A configuration cannot be used, with everything that is wrong with it.
 *
 * Shape: `problem` is what callers branch on. `absent`: nothing is configured at all.
 * `unreadable`: a file cannot be read. `malformed`: a file is no kubeconfig. `unknown-name`: a
 * context, cluster or user does not exist. `invalid`: what was chosen contradicts itself or lacks
 * something. `locked`: another program is changing it. `read-only`: its owner may not write it.
 */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
  readonly problem: KubeconfigProblem;
  readonly issues: readonly KubeconfigIssue[];

  constructor(
    problem: KubeconfigProblem,
    issues: readonly KubeconfigIssue[],
    options: { message?: string; cause?: unknown } = {},
  ) {
    const { message, ...rest } = options;
    super(message ?? describeIssues(problem, issues), rest);
    this.problem = problem;
    this.issues = issues;
  }
}

export type KubeconfigProblem =
  | 'absent'
  | 'unreadable'
  | 'malformed'
  | 'unknown-name'
  | 'invalid'
  | 'locked'
  | 'read-only';

function describeIssues(problem: KubeconfigProblem, issues: readonly KubeconfigIssue[]): string {
  const lines = issues.map(({ file, field, detail }) => {
    const where = field === '' ? file : `${file}: ${field}`;
    return `${where}: ${detail}`;
  });
  const list = lines.length === 1 ? lines.join() : `[${lines.join(', ')}]`;
  return problem === 'invalid' ? `invalid configuration: ${list}` : `error loading config: ${list}`;
}
