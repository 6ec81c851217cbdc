import type { DeleteOptions, KubernetesObject, WriteOptions } from '@fairway/protocol';
import type { AdmissionOperation, AdmissionRequest } from '../admission/admission-plugin.ts';
import type { Call } from '../calls/call.ts';

/** What admission is told about a write of a call, whatever the phase. */
export function admissionRequest(
  call: Call,
  write: {
    readonly operation: AdmissionOperation;
    readonly name: string;
    readonly options: WriteOptions | DeleteOptions;
    readonly stored?: KubernetesObject;
  },
): AdmissionRequest {
  const { resource, target, request, warnings, auditAnnotations, endings } = call;
  return {
    ...write,
    resource,
    subresource: target.subresource,
    namespace: target.namespace,
    user: request.user,
    warn: (text) => void warnings.push(text),
    annotate: (key, value) => void auditAnnotations.set(key, value),
    annotateOfBody: (key, value) => request.audit?.noteOfBody(key, value),
    signal: request.signal,
    ...(target.verb === 'deletecollection' ? { isOfCollection: true } : {}),
    origin: endings,
    whenOver: (end) => void endings.push(end),
  };
}
