import type { AuthenticatedRequest, Next, TargetedRequest } from '@fairway/access';
import {
  ApiError,
  type Handler,
  type HttpResponse,
  type UpgradeAnswer,
  type UpgradeHandler,
  internalError,
  headerOf,
  isStatus,
  onBodyEnd,
} from '@fairway/protocol';
import { AuditedCall, type AuditedStatus, statusOfFailure } from './audited-call.ts';
import { AuditedObjects } from './audited-objects.ts';
import type { Auditor } from './auditor.ts';

/** A request of which an audit log is kept. Made by `auditRequests`. */
interface AuditedRequest extends AuthenticatedRequest {
  readonly audit: AuditedCall;
}

/**
 * Filter: tells the audit log what becomes of requests, as far as its policy says. `auditor` absent: nobody is
 * told.
 *
 * Source: Kubernetes, "Auditing".
 */
export function auditRequests(
  auditor: Auditor | undefined,
  isLongRunning: (request: TargetedRequest) => boolean,
  next: Handler<TargetedRequest>,
): Handler<TargetedRequest> {
  if (auditor === undefined) return next;
  return async (request) => {
    const call = new AuditedCall(auditor, request);
    let response: HttpResponse;
    try {
      response = await next({ ...request, audit: call });
    } catch (error) {
      await tellFailure(call, request, error);
      throw error;
    }
    const { body } = response;
    if (isLongRunning(request)) {
      await call.tell('ResponseStarted', { status: { code: response.status } });
    }
    if (body === undefined || body instanceof Uint8Array) {
      const told = call.tellComplete(statusOf(request, response));
      if (told !== undefined) await told;
      return response;
    }
    const { status } = response;
    return onBodyEnd(response, () => void call.tellComplete({ code: status }));
  };
}

/** The same for upgrades: a stream begins with the 101 and is complete when it is closed. */
export function auditUpgrades(
  auditor: Auditor | undefined,
  next: UpgradeHandler<TargetedRequest>,
): UpgradeHandler<TargetedRequest> {
  if (auditor === undefined) return next;
  return async (request) => {
    const call = new AuditedCall(auditor, request);
    let answer: UpgradeAnswer;
    try {
      answer = await next({ ...request, audit: call });
    } catch (error) {
      await tellFailure(call, request, error);
      throw error;
    }
    if (answer.kind === 'refused') {
      await call.tellComplete({ code: answer.response.status });
      return answer;
    }
    await call.tell('ResponseStarted', { status: { code: 101 } });
    void answer.stream.closed.then(() => call.tellComplete({ code: 101 }));
    return answer;
  };
}

/**
 * Filter: chooses what is told, now that it is known who asks, and tells that the request is here.
 *
 * Errors: InternalError where the log has to be written before a request may go on, and cannot be.
 */
export function auditReceived<Reply>(
  auditor: Auditor | undefined,
  keepsBodies: KeptBodies<Reply> | undefined,
  next: Next<AuthenticatedRequest, Reply>,
): Next<AuthenticatedRequest, Reply> {
  if (auditor === undefined) return next;
  return async (request) => {
    const call = (request as AuditedRequest).audit;
    const { level } = call.identify(request.user);
    if (level === 'None') return next(request);
    const told = call.tell('RequestReceived');
    if (told !== undefined && !(await told)) {
      call.end();
      auditor.rejected();
      throw internalError('failed to store audit event');
    }
    const { target } = request;
    if (level === 'Metadata' || !target.isResource || keepsBodies?.isKept(request) !== true) {
      return next(request);
    }
    const objects = new AuditedObjects(level, { target, headers: request.headers });
    call.objects = objects;
    const reply = await next({ ...request, body: objects.request(request.body) });
    return keepsBodies.keep(reply, objects);
  };
}

/** How bodies are told, where there are any. */
export interface KeptBodies<Reply> {
  readonly isKept: (request: TargetedRequest) => boolean;
  readonly keep: (reply: Reply, objects: AuditedObjects) => Reply;
}

/** Of requests that do not last. */
export function bodiesOf(
  isLongRunning: (request: TargetedRequest) => boolean,
): KeptBodies<HttpResponse> {
  return {
    isKept: (request) => !isLongRunning(request),
    keep: (response, objects) => objects.response(response),
  };
}

async function tellFailure(
  call: AuditedCall,
  request: TargetedRequest,
  error: unknown,
): Promise<void> {
  if (call.choice === undefined) {
    // It was refused before anybody knew who asks.
    call.identify(undefined);
    if (error instanceof ApiError && error.code === 401) {
      const status = { code: 401, message: triedProofs(request) };
      await call.tell('ResponseStarted', { status });
      return call.end();
    }
  }
  const isPanic = !(error instanceof ApiError) && !request.signal.aborted;
  await call.tellComplete(statusOfFailure(error, request), isPanic ? 'Panic' : 'ResponseComplete');
}

/** Source: apiserver, endpoints/filters/authn_audit.go. */
function triedProofs({ headers, peer }: TargetedRequest): string {
  const [scheme = '', proof] = (headerOf(headers, 'authorization') ?? '').trim().split(' ');
  const tried = [
    ...(scheme.toLowerCase() === 'basic' ? ['basic'] : []),
    ...(scheme.toLowerCase() === 'bearer' && proof !== undefined ? ['bearer'] : []),
    ...(peer?.certificate === undefined ? [] : ['x509']),
  ];
  return tried.length === 0
    ? 'Authentication failed, no credentials provided'
    : `Authentication failed, attempted: ${tried.join(', ')}`;
}

const statusBytesMax = 4 * 1024;

/** A deletion is answered with a Status, or with an object. */
function statusOf({ target }: TargetedRequest, { status, body }: HttpResponse): AuditedStatus {
  const mayBeStatus = target.verb === 'delete' || target.verb === 'deletecollection';
  if (!mayBeStatus || !(body instanceof Uint8Array) || body.length > statusBytesMax) {
    return { code: status };
  }
  try {
    const said: unknown = JSON.parse(Buffer.from(body).toString());
    return isStatus(said) ? { ...said, code: status } : { code: status };
  } catch (error) {
    if (error instanceof SyntaxError) return { code: status };
    throw error;
  }
}
