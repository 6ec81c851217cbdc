import {
  type Draft,
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
  required,
  unsupported,
} from '@fairway/protocol';
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '@fairway/kinds/certificates/v1';
import { readCertificate, readPemBlocks } from '@fairway/certificates';

import { FieldErrors } from '../field-checks.ts';

type RequestDraft = ObjectDraft<CertificateSigningRequest>;

const field = 'status.conditions';
/** Once there, they say yes: there is no taking back. */
const finalTypes = ['Approved', 'Denied', 'Failed'];
const statuses = ['True', 'False', 'Unknown'];

/**
 * What is wrong with whether a request is granted: it is approved or denied, not both, and stays so.
 * Source: certificates.k8s.io/v1 CertificateSigningRequestCondition; certificates validation.
 */
export function validateRequestConditions(
  request: RequestDraft,
  stored: RequestDraft,
): readonly FieldError[] {
  const errors = new FieldErrors();
  const types = new Set<string>();
  request.status?.conditions?.forEach((condition, index) => {
    validateCondition(condition, `${field}[${index}]`, errors);
    const type = condition.type ?? '';
    if (types.has(type)) errors.push(duplicate(`${field}[${index}].type`, type));
    types.add(type);
    const opposite = type === 'Approved' ? 'Denied' : 'Approved';
    if ((type === 'Approved' || type === 'Denied') && types.has(opposite)) {
      const text = 'Approved and Denied conditions are mutually exclusive';
      errors.push(invalidValue(field, type, text));
    }
  });
  for (const { type = '' } of stored.status?.conditions ?? []) {
    if (!finalTypes.includes(type) || types.has(type)) continue;
    const text = `updates may not remove a condition of type ${JSON.stringify(type)}`;
    errors.push(forbiddenField(field, text));
  }
  return errors;
}

/** The same for a signer, who neither approves nor denies. */
export function validateRequestStatus(
  request: RequestDraft,
  stored: RequestDraft,
): readonly FieldError[] {
  const errors = new FieldErrors();
  errors.push(...validateRequestConditions(request, stored));
  const before = new Set(stored.status?.conditions?.map(({ type }) => type));
  for (const type of ['Approved', 'Denied']) {
    const isNew = request.status?.conditions?.some((condition) => condition.type === type);
    if (!isNew || before.has(type)) continue;
    const text = `updates may not add a condition of type ${JSON.stringify(type)}`;
    errors.push(forbiddenField(field, text));
  }
  const certificate = stored.status?.certificate;
  if (certificate && request.status?.certificate !== certificate) {
    const text = 'updates may not change certificate content';
    errors.push(forbiddenField('status.certificate', text));
  } else if (!certificate && request.status?.certificate) {
    const wrong = problemOf(request.status.certificate);
    if (wrong !== undefined) {
      errors.push(invalidValue('status.certificate', '<certificate data>', wrong));
    }
  }
  return errors;
}

/** What is wrong with a certificate, and those of the authorities that follow it, in PEM. */
function problemOf(base64: string): string | undefined {
  const blocks = [...readPemBlocks(Buffer.from(base64, 'base64').toString('latin1'))];
  for (const { type, hasHeaders, der } of blocks) {
    if (type !== 'CERTIFICATE') {
      return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`;
    }
    if (hasHeaders) return 'no PEM block headers are permitted';
    if (!isCertificate(der)) return 'x509: malformed certificate';
  }
  return blocks.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined;
}

function isCertificate(der: Uint8Array): boolean {
  try {
    readCertificate(der);
    return true;
  } catch {
    return false;
  }
}

function validateCondition(
  condition: Draft<CertificateSigningRequestCondition>,
  path: string,
  errors: FieldErrors,
): void {
  const { type = '', status = '' } = condition;
  if (type === '') errors.push(required(`${path}.type`));
  const supported = finalTypes.includes(type) ? ['True'] : statuses;
  if (status === '') errors.push(required(`${path}.status`));
  else if (!supported.includes(status)) {
    errors.push(unsupported(`${path}.status`, status, supported));
  }
}
