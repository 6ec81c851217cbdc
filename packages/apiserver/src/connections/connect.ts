import { requireAccess } from '@fairway/access';
import { messageOf } from '@fairway/host';
import {
  ApiError,
  type KubernetesObject,
  type ObjectDraft,
  type UpgradeAnswer,
  failureOf,
} from '@fairway/protocol';
import { type Upstream, forwardUpgrade } from '@fairway/serving';
import type { Call, Verb } from '../calls/call.ts';
import { admissionRequest } from '../objects/admission-request.ts';
import { connectOptions } from './connect-options.ts';
import {
  type ConnectParts,
  type Destination,
  type FindDestination,
  forwardedRequest,
  upgradeRequired,
} from './destination.ts';
import { portDestination, processDestination } from './pod-destination.ts';
import { requireWay } from './require-way.ts';

/** The subresources that become streams, by what they are of. */
const destinations: ReadonlyMap<string, FindDestination> = new Map([
  ['/pods/attach', processDestination('attach')],
  ['/pods/exec', processDestination('exec')],
  ['/pods/portforward', portDestination],
]);

/** Answers a request for a stream that asks for no other protocol: with why that cannot be. */
export const refusePlainConnect: Verb<ConnectParts> = async (call) => {
  await reach(call);
  throw upgradeRequired();
};

/** Answers an upgrade with the stream of what the call leads to. Errors: `ApiError`. */
export async function connectStream(call: Call<ConnectParts>): Promise<UpgradeAnswer> {
  await requireCreate(call);
  const { kubelet, destination } = await reach(call);
  const forward = forwardUpgrade({
    to: kubelet,
    requestOf: (request) => forwardedRequest(request, destination),
    failureOf: toldAs((why, cause) => unreachable(`error dialing backend: ${why}`, cause)),
  });
  return forward(call.request);
}

/** Whether a subresource becomes a stream. */
export function isConnect({ group, plural, subresource }: Call['target']): boolean {
  return destinations.has(`${group}/${plural}/${subresource}`);
}

/**
 * What a WebSocket asks for with GET runs programs, so reading alone is not enough for it.
 * Source: kube-apiserver 1.35, AuthorizePodWebsocketUpgradeCreatePermission.
 */
async function requireCreate({ request, target, parts }: Call<ConnectParts>): Promise<void> {
  if (target.verb === 'create') return;
  await requireAccess(parts.authorizer, {
    user: request.user,
    target: { ...target, verb: 'create' },
  });
}

async function reach(
  call: Call<ConnectParts>,
): Promise<{ readonly kubelet: Upstream; readonly destination: Destination }> {
  const { group, plural, subresource } = call.target;
  const find = destinations.get(`${group}/${plural}/${subresource}`);
  if (find === undefined) throw new Error(`${plural}/${subresource} leads nowhere`);
  const dial = requireWay(call, 'kubelet');
  await admitConnect(call);
  const destination = await find(call);
  return { kubelet: dial(destination.endpoint), destination };
}

/** Lets admission have its say in a connection. */
export async function admitConnect(call: Call<ConnectParts>): Promise<void> {
  const { target, parts } = call;
  const asked = admissionRequest(call, { operation: 'CONNECT', name: target.name, options: {} });
  const object = connectOptions(call);
  await parts.admission.admit({ ...asked, draft: object as ObjectDraft<KubernetesObject> });
  await parts.admission.validate({ ...asked, object });
}

/** What is told when nobody is reached: an `ApiError` as it is, else what `failure` makes of why. */
export function toldAs(
  failure: (why: string, cause: unknown) => ApiError,
): (cause: unknown) => ApiError {
  return (cause) => {
    if (cause instanceof ApiError) return cause;
    return failure(messageOf(cause), cause);
  };
}

/** A failure that is not the caller's, told without a reason. Source: apiserver, ErrorToAPIStatus. */
export function unreachable(message: string, cause: unknown): ApiError {
  return new ApiError(failureOf({ message }, 500), { cause });
}
