import {
  ApiError,
  type FieldError,
  type HttpResponse,
  badRequest,
  failureOf,
  forbiddenField,
  internalError,
  invalid,
  invalidValue,
  readBoolean,
  readInteger,
  readText,
  startOfBody,
} from '@fairway/protocol';
import type { Verb } from '../calls/call.ts';
import { toldAs, unreachable } from './connect.ts';
import type { ConnectParts } from './destination.ts';
import { kubeletEndpoint } from './kubelet-endpoint.ts';
import { chooseContainer, findPod } from './pod-destination.ts';
import { requireWay } from './require-way.ts';

/** What is read of the refusal of a kubelet. */
const refusalBytesMax = 50_000;

/**
 * Answers `GET` on `pods/NAME/log`: what the container has written, as its kubelet tells it. Nothing
 * (204) for a pod that is on no node yet. Source: core/v1 PodLogOptions.
 */
export const getPodLog: Verb<ConnectParts> = async (call) => {
  const { request, target, parts } = call;
  const dial = requireWay(call, 'kubelet');
  const asked = new URLSearchParams(request.query);
  const query = logQuery(asked, target.name);
  const pod = await findPod(call);
  const container = chooseContainer(pod, readText(asked, 'container'));
  const node = pod.spec?.nodeName ?? '';
  if (node === '') return { status: 204, headers: noCache, body: undefined };
  const endpoint = await kubeletEndpoint(parts, node);
  const path = `/containerLogs/${target.namespace}/${target.name}/${container}`;
  const { signal } = request;
  const log = { method: 'GET', path, query, headers: {}, body: undefined, signal };
  const url = `https://${endpoint.host}:${endpoint.port}${path}`;
  const told = toldAs((why, cause) => unreachable(`Get "${url}": ${why}`, cause));
  const response = await dial(endpoint)
    .send(log)
    .catch((cause: unknown) => {
      throw told(cause);
    });
  if (response.status < 200 || response.status > 206) throw await refusalOf(response, target.name);
  return {
    status: 200,
    headers: { ...noCache, 'content-type': 'text/plain' },
    body: response.body,
  };
};

const noCache = { 'cache-control': 'no-cache, private' } as const;

/** The options that a kubelet is told, in the order in which Kubernetes tells them. */
function logQuery(asked: URLSearchParams, pod: string): string {
  const told = new URLSearchParams();
  const limitBytes = readInteger(asked, 'limitBytes');
  const sinceSeconds = readInteger(asked, 'sinceSeconds');
  const sinceTime = readText(asked, 'sinceTime');
  const tailLines = readInteger(asked, 'tailLines');
  const errors = checkOptions({ limitBytes, sinceSeconds, sinceTime, tailLines });
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions', name: pod }, errors);
  const flag = (name: string): void => {
    if (readBoolean(asked, name) === true) told.append(name, 'true');
  };
  const value = (name: string, given: number | string | undefined): void => {
    if (given !== undefined) told.append(name, String(given));
  };
  flag('follow');
  value('limitBytes', limitBytes);
  flag('previous');
  value('sinceSeconds', sinceSeconds);
  value('sinceTime', sinceTime === undefined ? undefined : secondsOf(sinceTime));
  value('tailLines', tailLines);
  flag('timestamps');
  return told.toString();
}

function checkOptions(options: {
  readonly limitBytes: number | undefined;
  readonly sinceSeconds: number | undefined;
  readonly sinceTime: string | undefined;
  readonly tailLines: number | undefined;
}): readonly FieldError[] {
  const { limitBytes = 1, sinceSeconds, sinceTime, tailLines = 0 } = options;
  const errors: FieldError[] = [];
  if (tailLines < 0) {
    errors.push(invalidValue('tailLines', tailLines, 'must be greater than or equal to 0'));
  }
  if (limitBytes < 1) {
    errors.push(invalidValue('limitBytes', limitBytes, 'must be greater than 0'));
  }
  if (sinceSeconds !== undefined && sinceTime !== undefined) {
    const detail = 'at most one of `sinceTime` or `sinceSeconds` may be specified';
    errors.push(forbiddenField('', detail));
  } else if (sinceSeconds !== undefined && sinceSeconds < 1) {
    errors.push(invalidValue('sinceSeconds', sinceSeconds, 'must be greater than 0'));
  }
  return errors;
}

/** A kubelet gets whole seconds. */
function secondsOf(time: string): string {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(time);
  if (!isTime || Number.isNaN(Date.parse(time))) {
    throw badRequest(`parsing time ${JSON.stringify(time)} as "2006-01-02T15:04:05Z07:00"`);
  }
  return time.replace(/\.\d+/, '');
}

/** What a kubelet refused, for the caller. Source: apiserver, GenericHttpResponseChecker. */
async function refusalOf(response: HttpResponse, pod: string): Promise<ApiError> {
  const start = await startOfBody(response.body, refusalBytesMax);
  const text = Buffer.from(start).toString();
  const { status } = response;
  if (status === 400) return badRequest(text);
  if (status === 500) return internalError(text);
  const { reason, message } = generic(status, text);
  const details = { name: pod, kind: 'pods/log' };
  const said = { message: `${message} ( pods/log ${pod})`, details };
  return new ApiError(failureOf(reason === undefined ? said : { ...said, reason }, status));
}

/** Source: apimachinery, NewGenericServerResponse. */
function generic(
  status: number,
  text: string,
): { readonly reason?: string; readonly message: string } {
  switch (status) {
    case 401:
      return {
        reason: 'Unauthorized',
        message: 'the server has asked for the client to provide credentials',
      };
    case 403:
      return { reason: 'Forbidden', message: text };
    case 404:
      return {
        reason: 'NotFound',
        message: 'the server could not find the requested resource',
      };
    case 503:
      return {
        reason: 'ServiceUnavailable',
        message: 'the server is currently unable to handle the request',
      };
    default:
      return {
        message: `the server responded with the status code ${status} but did not return more information`,
      };
  }
}
