import {
  checkDnsSubdomain,
  equalsJson,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
  required,
  tooLong,
} from '@fairway/protocol';
import type { VolumeAttachment, VolumeError } from '@fairway/kinds/storage/v1';

import type { KindRules } from '../kind-rules.ts';
import { expectDnsSubdomain, FieldErrors } from '../field-checks.ts';
import { statusRules } from './status-subresource.ts';
import { expectDriverName } from './validate-volume-sources.ts';
import { validateInlineVolumeSpec } from './validate-volume-spec.ts';

type AttachmentDraft = ObjectDraft<VolumeAttachment>;

/** Source: storage.k8s.io/v1 VolumeAttachment; storage validation, ValidateVolumeAttachment. */
export const volumeAttachmentRules: KindRules<AttachmentDraft> = {
  checkName: checkDnsSubdomain,
  ...statusRules<AttachmentDraft>(() => ({ attached: false })),
  validate: (attachment) => {
    const errors = new FieldErrors();
    const spec = attachment.spec ?? {};
    if (!spec.attacher) errors.push(required('spec.attacher'));
    validateSource(attachment, errors);
    expectDnsSubdomain(spec.nodeName ?? '', 'spec.nodeName', errors);
    validateStatus(attachment, errors);
    return errors;
  },
  // Names are looked at when an attachment is made: older ones may have any.
  validateCreate: (attachment) => {
    const errors = new FieldErrors();
    const { attacher, source } = attachment.spec ?? {};
    if (attacher) expectDriverName(attacher, 'spec.attacher', errors);
    const volume = source?.persistentVolumeName;
    if (volume) expectDnsSubdomain(volume, 'spec.source.persistentVolumeName', errors);
    return errors;
  },
  validateUpdate: ({ spec }, stored) =>
    equalsJson({ ...spec }, { ...stored.spec })
      ? []
      : [invalidValue('spec', spec, 'field is immutable')],
};

function validateSource({ spec }: AttachmentDraft, errors: FieldErrors): void {
  const { persistentVolumeName: name, inlineVolumeSpec: inline } = spec?.source ?? {};
  const text = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (name === undefined && !inline) errors.push(required('spec.source', text));
  else if (name !== undefined && inline) errors.push(forbiddenField('spec.source', text));
  else if (name === '') {
    const why = 'must specify non empty persistentVolumeName';
    errors.push(required('spec.source.persistentVolumeName', why));
  } else if (inline) validateInlineVolumeSpec(inline, 'spec.source.inlineVolumeSpec', errors);
}

const metadataBytesMax = 256 * 1024;
const messageBytesMax = 1024;

function validateStatus({ status }: AttachmentDraft, errors: FieldErrors): void {
  let bytes = 0;
  for (const [key, value] of Object.entries(status?.attachmentMetadata ?? {})) {
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > metadataBytesMax) errors.push(tooLong('status.attachmentMetadata', metadataBytesMax));
  for (const name of ['attachError', 'detachError'] as const) {
    if (status?.[name]) validateVolumeError(status[name], `status.${name}`, errors);
  }
}

function validateVolumeError(
  { message = '', errorCode }: Partial<Pick<VolumeError, 'message' | 'errorCode'>>,
  field: string,
  errors: FieldErrors,
): void {
  // Kubernetes names the other bound.
  if (Buffer.byteLength(message) > messageBytesMax) {
    errors.push(tooLong(`${field}.message`, metadataBytesMax));
  }
  if (errorCode === undefined || errorCode >= 0) return;
  const text = 'must be between 0 and 2147483647, inclusive';
  errors.push(invalidValue(`${field}.errorCode`, errorCode, text));
}
