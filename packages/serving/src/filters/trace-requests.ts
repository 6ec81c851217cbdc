import type { Clock, Logger, Random } from '@fairway/host';
import { type Handler, type HttpRequest, type UpgradeHandler, headerOf } from '@fairway/protocol';
import { type Answers, type ReplyForm, responses, upgrades } from './reply-form.ts';

export interface TraceOptions {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * The outermost filter: gives each request an `audit-id` (the caller's own when it sent a usable
 * one), repeats it on the response, and logs one line when the response begins.
 *
 * The W3C `traceparent` of a caller goes on inward untouched; its trace id is in the log line.
 */
export function traceRequests<Request extends HttpRequest>(
  options: TraceOptions,
  next: Handler<Request>,
): Handler<Request> {
  return trace(responses, options, next);
}

/** The same for upgrades: the line is logged, and the id repeated, with the 101. */
export function traceUpgrades<Request extends HttpRequest>(
  options: TraceOptions,
  next: UpgradeHandler<Request>,
): UpgradeHandler<Request> {
  return trace(upgrades, options, next);
}

function trace<Request extends HttpRequest, Reply>(
  form: ReplyForm<Reply>,
  { logger, clock, random }: TraceOptions,
  next: Answers<Request, Reply>,
): Answers<Request, Reply> {
  return async (request) => {
    const startMs = clock.elapsed();
    const auditId = usableAuditId(request) ?? random.uuid();
    const headers = { ...request.headers, 'audit-id': auditId };
    const reply = await next({ ...request, headers });
    logger.info('request served', {
      method: request.method,
      path: request.path,
      status: form.statusOf(reply),
      elapsedMs: Math.round((clock.elapsed() - startMs) * 1000) / 1000,
      auditId,
      peer: request.peer?.address,
      userAgent: headerOf(request.headers, 'user-agent'),
      traceId: traceIdOf(request),
    });
    return form.withHeaders(reply, { 'audit-id': auditId });
  };
}

// A caller's id ends up in logs and headers, so it is short and printable or it is not used.
function usableAuditId(request: HttpRequest): string | undefined {
  const id = headerOf(request.headers, 'audit-id');
  return id !== undefined && /^[\w.:+/=-]{1,64}$/.test(id) ? id : undefined;
}

/** Source: W3C Trace Context §3.2. */
function traceIdOf(request: HttpRequest): string | undefined {
  const parent = headerOf(request.headers, 'traceparent');
  return parent === undefined
    ? undefined
    : /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}/.exec(parent)?.[1];
}
