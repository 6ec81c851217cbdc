import {
  checkDnsSubdomain,
  checkPathSegment,
  invalidValue,
  type ObjectDraft,
  required,
  unsupported,
} from '@fairway/protocol';
import type { CertificateSigningRequest } from '@fairway/kinds/certificates/v1';
import { DerError, checkRequestSignature, readCertificateRequest } from '@fairway/certificates';

import type { KindRules } from '../kind-rules.ts';
import { expectImmutable, FieldErrors } from '../field-checks.ts';
import { validateRequestConditions, validateRequestStatus } from './validate-request-conditions.ts';
import { keepAllButStatus, keepStatus, statusRules } from './status-subresource.ts';

type RequestDraft = ObjectDraft<CertificateSigningRequest>;

const usages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];

/**
 * Who asks (`spec.username`, groups, uid, extra) is filled in by the server that authenticated.
 * Source: certificates.k8s.io/v1 CertificateSigningRequest; certificates validation.
 */
export const certificateSigningRequestRules: KindRules<RequestDraft> = {
  checkName: checkPathSegment,
  ...statusRules<RequestDraft>(() => ({})),
  prepareForUpdate: (request, stored) => {
    keepStatus(request, stored);
    // What was asked for stays; labels and annotations may change.
    if (stored.spec !== undefined) request.spec = stored.spec;
  },
  prepareForStatusUpdate: (request, stored) => {
    keepAllButStatus(request, stored);
    keepDecision(request, stored);
  },
  prepareForSubresource: { approval: prepareApproval },
  validate: (request, stored) => {
    const errors = new FieldErrors();
    const spec = request.spec ?? {};
    // What an earlier version let pass does not keep a request from being denied.
    if (stored === undefined || spec.request !== stored.spec?.request) {
      const wrong = problemOf(spec.request ?? '');
      if (wrong !== undefined) {
        errors.push(invalidValue('spec.request', spec.request ?? '', wrong));
      }
    }
    if (!spec.usages?.length) errors.push(required('spec.usages'));
    const seen = new Set<string>();
    spec.usages?.forEach((usage, index) => {
      const path = `spec.usages[${index}]`;
      if (!usages.includes(usage)) errors.push(unsupported(path, usage, usages));
      else if (seen.has(usage)) {
        errors.push({ reason: 'FieldValueDuplicate', field: path, value: usage, detail: '' });
      }
      seen.add(usage);
    });
    validateSignerName(spec.signerName ?? '', errors);
    if (spec.signerName === 'kubernetes.io/legacy-unknown') {
      const text = 'the legacy signerName is not allowed via this API version';
      errors.push(invalidValue('spec.signerName', spec.signerName, text));
    }
    const seconds = spec.expirationSeconds;
    if (seconds !== undefined && seconds < 600) {
      const text = 'may not specify a duration less than 600 seconds (10 minutes)';
      errors.push(invalidValue('spec.expirationSeconds', seconds, text));
    }
    return errors;
  },
  validateUpdate: (request, stored) => {
    const errors = new FieldErrors();
    expectImmutable({ value: request.spec, stored: stored.spec, field: 'spec' }, errors);
    return errors;
  },
  validateSubresource: { approval: validateRequestConditions, status: validateRequestStatus },
  fieldLabels: { 'spec.signerName': (request) => request.spec?.signerName ?? '' },
};

/** What is wrong with a request as such: it is not one, or not signed with its own key. */
function problemOf(base64: string): string | undefined {
  try {
    const pem = Buffer.from(base64, 'base64').toString('latin1');
    return checkRequestSignature(readCertificateRequest(pem));
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return error.message;
  }
}

function validateSignerName(name: string, errors: FieldErrors): void {
  const field = 'spec.signerName';
  if (name === '') {
    errors.push(required(field));
    return;
  }
  const [domain = '', path, ...more] = name.split('/');
  if (path === undefined || more.length > 0 || path === '') {
    const text = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    errors.push(invalidValue(field, name, text));
    return;
  }
  const wrong = checkDnsSubdomain(domain);
  if (wrong !== undefined) errors.push(invalidValue(field, domain, wrong));
  else if (!domain.includes('.')) {
    const text = 'should be a domain with at least two segments separated by dots';
    errors.push(invalidValue(field, domain, text));
  }
}

/** `/approval` says whether the request is granted, and nothing else. */
function prepareApproval(draft: RequestDraft, stored: RequestDraft): void {
  const conditions = draft.status?.conditions;
  keepAllButStatus(draft, stored);
  const { conditions: _, ...status } = stored.status ?? {};
  draft.status = { ...status, ...(conditions === undefined ? {} : { conditions }) };
}

/** Who signs says nothing new about whether a request is granted, not even in other words. */
function keepDecision(draft: RequestDraft, stored: RequestDraft): void {
  const before = stored.status?.conditions ?? [];
  const given = draft.status?.conditions;
  if (given === undefined) return;
  for (const type of ['Approved', 'Denied']) {
    const known = before.filter((each) => each.type === type);
    if (given.filter((each) => each.type === type).length !== known.length) continue;
    given.forEach((each, index) => {
      if (each.type !== type) return;
      const kept = known.shift();
      if (kept !== undefined) given[index] = kept;
    });
  }
}
