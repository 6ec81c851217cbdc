import { messageOf } from '@fairway/host';
/** Why a server could not start to listen. */
export type ListenProblem =
  | 'address-in-use'
  | 'address-unknown'
  | 'permission-denied'
  | 'certificate-unusable'
  | 'failed';

/** A server could not start; the message says where, why, and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly problem: ListenProblem;
  /** Where it should have listened, as text. */
  readonly address: string;

  constructor(address: string, problem: ListenProblem, cause: unknown) {
    super(`cannot listen on ${address}: ${explain(problem, cause)}`, { cause });
    this.problem = problem;
    this.address = address;
  }
}

/** The error of a server that failed with the system's error `cause`. */
export function listenError(address: string, cause: unknown): ListenError {
  return new ListenError(address, problemOf(cause), cause);
}

function problemOf(cause: unknown): ListenProblem {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'EADDRINUSE') return 'address-in-use';
  if (code === 'EACCES' || code === 'EPERM') return 'permission-denied';
  if (['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT', 'EINVAL'].includes(code)) {
    return 'address-unknown';
  }
  return code.startsWith('ERR_OSSL') || code.startsWith('ERR_SSL')
    ? 'certificate-unusable'
    : 'failed';
}

function explain(problem: ListenProblem, cause: unknown): string {
  switch (problem) {
    case 'address-in-use':
      return 'the address is already in use; stop the program that listens there, or choose another port';
    case 'address-unknown':
      return 'this machine has no such address; choose one of its own, such as 127.0.0.1';
    case 'permission-denied':
      return 'the system does not permit it; choose a port above 1023, or a folder that you may write to';
    case 'certificate-unusable':
      return `the certificate and its key cannot be used together (${messageOf(cause)}); make both anew`;
    case 'failed':
      return messageOf(cause);
  }
}
