import { ApiError, type Status, apiError, failureOf } from '@fairway/protocol';

/** How a process ended. */
export interface ProcessExit {
  /** 0 is success; 128 and more is the number of a signal, 137 for KILL. */
  readonly code: number;
}

/**
 * Reads what the server says at the end of a process.
 *
 * Errors: `ApiError` when the process could not be run, or its exit is unknown. Source: Kubernetes
 * remotecommand, v4 and later: a Status; before: text when something failed.
 */
export function readExitStatus(text: string, isStatus: boolean): ProcessExit {
  if (!isStatus) {
    if (text === '') return { code: 0 };
    throw apiError('InternalError', text);
  }
  const status = parseStatus(text);
  if (status === undefined) {
    throw apiError('InternalError', `the server did not say how the process ended: ${text}`);
  }
  if (status.status === 'Success') return { code: 0 };
  const cause = status.details?.causes?.find(({ reason }) => reason === 'ExitCode');
  const code = Number(cause?.message);
  if (status.reason === 'NonZeroExitCode' && cause?.message !== undefined && Number.isInteger(code))
    return { code };
  throw new ApiError(failureOf(status, 500));
}

/** Whether the text is a status to its end, also where nobody has told that it is over. */
export function isWholeStatus(text: string): boolean {
  return parseStatus(text) !== undefined;
}

function parseStatus(text: string): Partial<Status> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  return undefined;
}
