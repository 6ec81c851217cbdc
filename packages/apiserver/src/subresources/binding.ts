import type { Binding, Pod } from '@fairway/kinds/core/v1';
import { withPodCondition } from '@fairway/kind-rules/pods';
import {
  ApiError,
  type HttpResponse,
  badRequest,
  conflict,
  describeFieldError,
  failureOf,
  formatTime,
  parseCreateOptions,
} from '@fairway/protocol';
import { decodeObject } from '../content/decode-object.ts';
import { builtInKind } from '../content/expected-object.ts';
import type { IncomingObject } from '../content/incoming-object.ts';
import { readObjectBody } from '../content/read-object-body.ts';
import { admit, validate } from '../admission/admission-phases.ts';
import { admissionRequest } from '../objects/admission-request.ts';
import { changeStored } from '../objects/change-stored.ts';
import type { WriteParts } from '../objects/write-parts.ts';
import type { Call } from '../calls/call.ts';
import { createdStatus } from './created-status.ts';

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
  const pods = call.parts.resources.find('', 'v1', 'pods');
  if (pods === undefined) throw new Error('pods are not served');
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
  const { request, target, parts } = call;
  const options = parseCreateOptions(request.query);
  const { fieldValidation = 'Warn' } = options;
  const expected = builtInKind(parts, { group: '', version: 'v1', kind: 'Binding' });
  const body = await readObjectBody(call);
  const binding = await decodeObject(call, expected, { body, fieldValidation });
  const { namespace = '', name = '' } = binding.metadata;
  if (namespace !== '' && namespace !== target.namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  binding.metadata.namespace = target.namespace;
  const admission = admissionRequest(call, { operation: 'CREATE', name: podName ?? name, options });
  await admit(parts.admission, { ...admission, draft: binding });
  if (podName !== undefined && name !== podName) {
    throw badRequest('name in URL does not match name in Binding object');
  }
  checkBinding(call, binding);
  await validate(parts.admission, { ...admission, object: binding });
  return { binding, isDryRun: options.dryRun !== undefined };
}

/** What is wrong with a binding has no Status of its own, as in Kubernetes. */
function checkBinding({ parts }: Call<WriteParts>, binding: IncomingObject): void {
  const rules = parts.resources.find('', 'v1', 'bindings')?.rules;
  const errors = (rules?.validate?.(binding) ?? []).map(
    (error) => `${error.field}: ${describeFieldError(error)}`,
  );
  if (errors.length === 0) return;
  const message = errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`;
  throw new ApiError(failureOf({ message: message ?? '' }, 500));
}

interface Assignment {
  readonly binding: IncomingObject;
  readonly preconditions: { readonly uid?: string; readonly resourceVersion: string };
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
    preconditions,
    isDryRun,
    change: (draft) => {
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
