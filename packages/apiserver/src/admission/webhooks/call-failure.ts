import { ApiError, apiError, badRequest, failureOf, isJsonObject } from '@fairway/protocol';

/** A webhook that could not be asked or did not answer as it should: its `failurePolicy` decides. */
export class CallFailure extends Error {
  constructor(webhook: string, why: string, options?: ErrorOptions) {
    super(`failed calling webhook ${JSON.stringify(webhook)}: ${why}`, options);
  }
}

/** The request has ended before all webhooks were asked: nothing of it may be stored. */
export function notInTime(cause?: unknown): ApiError {
  const message = 'Timeout: request did not complete within requested timeout';
  return apiError('Timeout', message, {}, { cause });
}

export function dryRunUnsupported(webhook: string): ApiError {
  return badRequest(`admission webhook ${JSON.stringify(webhook)} does not support dry run`);
}

/** The refusal that a webhook asks for. Source: apiserver, admission/plugin/webhook/errors. */
export function denied(webhook: string, result: unknown): ApiError {
  const deniedBy = `admission webhook ${JSON.stringify(webhook)} denied the request`;
  const said = isJsonObject(result) ? result : {};
  const { message = '', reason = '', code = 0, details } = said as Denial;
  const explained = [message, reason].find((text) => typeof text === 'string' && text !== '');
  const status = failureOf(
    {
      message:
        explained === undefined ? `${deniedBy} without explanation` : `${deniedBy}: ${explained}`,
      ...(typeof reason === 'string' && reason !== '' ? { reason } : {}),
      ...(isJsonObject(details) ? { details } : {}),
    },
    // No answer below 400 is a refusal, and none above 599 is an answer.
    Number.isInteger(code) && code >= 400 && code <= 599 ? code : 400,
  );
  return new ApiError(status);
}

interface Denial {
  readonly message?: unknown;
  readonly reason?: unknown;
  readonly code?: number;
  readonly details?: never;
}
