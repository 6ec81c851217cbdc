import type { Binding, Pod } from '@fairway/kinds/core/v1';
import { withPodCondition } from '@fairway/kind-rules/pods';
import {
  ApiError,
  type HttpResponse,
  badRequest,
  conflict,
  fieldErrorText,
  failureOf,
  formatTime,
} from '@fairway/protocol';
import { builtInKind } from '../content/expected-object.ts';
import type { IncomingObject } from '../content/incoming-object.ts';
import { changeStored } from '../objects/change-stored.ts';
import { storageKey } from '../storage/storage-key.ts';
import type { WriteParts } from '../objects/write-parts.ts';
import type { Call } from '../calls/call.ts';
import { createdStatus, readAction } from './action.ts';

/** Answers `POST` on `pods/NAME/binding`: gives the pod its node, which happens once. */
export async function bindPod(call: Call<WriteParts>): Promise<HttpResponse> {
  const { target } = call;
  const { binding, isDryRun } = await readBinding(call, target.name);
  const { uid = '', resourceVersion = '' } = binding.metadata;
  await assignPod(call, { binding, preconditions: { uid, resourceVersion }, isDryRun });
  return createdStatus(call);
}

/** Answers `POST` on `bindings`: the same, and the body alone says which pod. */
export async function createBinding(call: Call<WriteParts>): Promise<HttpResponse> {
  const { binding, isDryRun } = await readBinding(call);
  const pods = call.parts.resources.builtInResource('', 'pods');
  const { resourceVersion = '' } = binding.metadata;
  const ofPod = { ...call, resource: pods };
  await assignPod(ofPod, { binding, preconditions: { resourceVersion }, isDryRun });
  return createdStatus(call);
}

async function readBinding(
  call: Call<WriteParts>,
  /** As in the path, when it is there. */
  podName?: string,
): Promise<{ readonly binding: IncomingObject; readonly isDryRun: boolean }> {
  const { parts } = call;
  const expected = builtInKind(parts, { group: '', version: 'v1', kind: 'Binding' });
  const { object: binding, options, admission } = await readAction(call, expected, podName);
  if (podName !== undefined && binding.metadata.name !== podName) {
    throw badRequest('name in URL does not match name in Binding object');
  }
  checkBinding(call, binding);
  await parts.admission.validate({ ...admission, object: binding });
  return { binding, isDryRun: options.dryRun !== undefined };
}

/** What is wrong with a binding has no Status of its own, as in Kubernetes. */
function checkBinding({ parts }: Call<WriteParts>, binding: IncomingObject): void {
  // Which callers may be unable to see: `pods/NAME/binding` is there without `bindings`.
  const { rules } = parts.resources.builtInResource('', 'bindings');
  const errors = (rules.validate?.(binding) ?? []).map(fieldErrorText);
  if (errors.length === 0) return;
  const message = errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`;
  throw new ApiError(failureOf({ message: message ?? '' }, 500));
}

interface Assignment {
  readonly binding: IncomingObject;
  readonly preconditions: Preconditions;
  readonly isDryRun: boolean;
}

async function assignPod(
  call: Call<WriteParts>,
  { binding, preconditions, isDryRun }: Assignment,
): Promise<void> {
  const { name = '', annotations, labels } = binding.metadata;
  const { target } = binding as Binding & IncomingObject;
  await changeStored(call, {
    name,
    isDryRun,
    change: (draft) => {
      checkPreconditions(call, draft, preconditions);
      const pod = draft as Pod;
      const refusal = refusalOf(pod);
      if (refusal !== undefined) {
        throw conflict({ group: '', plural: 'pods/binding', name }, refusal);
      }
      const { metadata } = draft;
      draft['spec'] = { ...pod.spec, nodeName: target.name };
      if (annotations) metadata.annotations = { ...metadata.annotations, ...annotations };
      if (labels) metadata.labels = { ...metadata.labels, ...labels };
      const scheduled = { type: 'PodScheduled', status: 'True' };
      const time = formatTime(call.parts.clock.now());
      draft['status'] = withPodCondition(pod.status, scheduled, time);
    },
  });
}

/** Which pod, and which version of it, a scheduler has looked at; empty: any. */
interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion: string;
}

/** In the words of the storage of a kube-apiserver. */
function checkPreconditions(
  { resource, target }: Call,
  { metadata }: IncomingObject,
  preconditions: Preconditions,
): void {
  const { name = '', uid, resourceVersion } = metadata;
  for (const [what, wanted, stored] of [
    ['UID', preconditions.uid, uid],
    ['ResourceVersion', preconditions.resourceVersion, resourceVersion],
  ] as const) {
    if (!wanted || wanted === stored) continue;
    const key = storageKey(resource, target.namespace, name);
    throw conflict(
      { ...resource, name },
      `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${stored}`,
    );
  }
}

function refusalOf({ metadata, spec }: Pod): string | undefined {
  const name = metadata?.name ?? '';
  if (metadata?.deletionTimestamp !== undefined) {
    return `pod ${name} is being deleted, cannot be assigned to a host`;
  }
  if (spec?.nodeName)
    return `pod ${name} is already assigned to node ${JSON.stringify(spec.nodeName)}`;
  if (spec?.schedulingGates?.length) return `pod ${name} has non-empty .spec.schedulingGates`;
  return undefined;
}
