import { type Authorizer, mastersGroup } from '@fairway/access';
import type { Clock } from '@fairway/host';
import type { CertificateSigningRequest } from '@fairway/kinds/certificates/v1';
import { equalsJson, forbidden, formatTime, type UserInfo } from '@fairway/protocol';
import { type CertificateSubject, DerError, readCertificateRequest } from '@fairway/certificates';
import type { AdmissionPlugin, AdmissionRequest, ValidateRequest } from './admission-plugin.ts';

const group = 'certificates.k8s.io';
const requests = `${group}/certificatesigningrequests`;

/**
 * Writes the authenticated user into a new request, in place of what the request says. Source:
 * certificates.k8s.io/v1.
 */
export const certificateRequester: AdmissionPlugin<CertificateSigningRequest> = {
  name: 'CertificateRequester',
  operations: ['CREATE'],
  resources: [requests],
  async admit({ draft, user }) {
    if (draft === undefined) return;
    const { username: _, uid: __, groups: ___, extra: ____, ...asked } = draft.spec ?? {};
    draft.spec = { ...asked, ...requesterOf(user) };
  },
};

/**
 * Says when something was said about a request, where that was left out: a condition whose status stays
 * keeps the time since when it has it. Source: certificates.k8s.io/v1 CertificateSigningRequestCondition.
 */
export function certificateConditionTimes(
  clock: Clock,
): AdmissionPlugin<CertificateSigningRequest> {
  return {
    name: 'CertificateConditionTimes',
    operations: ['UPDATE'],
    resources: [`${requests}/approval`, `${requests}/status`],
    async admit({ draft, stored }) {
      const known = (stored as CertificateSigningRequest).status?.conditions ?? [];
      const now = formatTime(clock.now());
      for (const condition of draft?.status?.conditions ?? []) {
        const { type, status } = condition;
        const same = known.find((each) => each.type === type && each.status === status);
        condition.lastUpdateTime ??= now;
        condition.lastTransitionTime ??= same?.lastTransitionTime ?? now;
      }
    },
  };
}

/**
 * Refuses an approval by a user who may not approve for its signer. Source: admission,
 * CertificateApproval.
 */
export function certificateApproval(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    operations: ['UPDATE'],
    resources: [`${requests}/approval`],
    validate: (request) => requireSigner(authorizer, 'approve', request),
  };
}

/**
 * Refuses a certificate from a user who may not sign for its signer. Source: admission,
 * CertificateSigning.
 */
export function certificateSigning(
  authorizer: Authorizer,
): AdmissionPlugin<CertificateSigningRequest> {
  return {
    name: 'CertificateSigning',
    operations: ['UPDATE'],
    resources: [`${requests}/status`],
    async validate(request) {
      if (isSigned(request)) await requireSigner(authorizer, 'sign', request);
    },
  };
}

/**
 * Refuses a client certificate of this cluster that would make its holder an administrator
 * (`system:masters`) until the certificate expires, whoever asked for it or approved it. Source:
 * admission, CertificateSubjectRestriction.
 */
export const certificateSubjectRestriction: AdmissionPlugin<CertificateSigningRequest> = {
  name: 'CertificateSubjectRestriction',
  operations: ['CREATE'],
  resources: [requests],
  async validate({ object, resource, name }) {
    if (object?.spec?.signerName !== clientSigner) return;
    const subject = { ...resource, name };
    const { organizations } = subjectOfRequest(object.spec.request, (why) =>
      forbidden(subject, `failed to parse CSR: ${why}`),
    );
    if (!organizations.includes(mastersGroup)) return;
    throw forbidden(
      subject,
      `use of ${clientSigner} signer with ${mastersGroup} group is not allowed`,
    );
  },
};

const clientSigner = 'kubernetes.io/kube-apiserver-client';

/** Whom a request for a certificate names. Errors: what `refuse` makes of why it cannot be read. */
export function subjectOfRequest(
  base64: string,
  refuse: (why: string) => Error,
): CertificateSubject {
  try {
    return readCertificateRequest(Buffer.from(base64, 'base64').toString('latin1')).subject;
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw refuse(error.message);
  }
}

function requesterOf({ username, uid, groups, extra }: UserInfo): object {
  return {
    username,
    ...(uid === undefined ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups: [...groups] }),
    ...(extra === undefined ? {} : { extra: structuredClone(extra) }),
  };
}

function isSigned({ object, stored }: ValidateRequest<CertificateSigningRequest>): boolean {
  const next = object?.status;
  const before = (stored as CertificateSigningRequest).status;
  return (
    next?.certificate !== before?.certificate ||
    !equalsJson(next?.conditions ?? [], before?.conditions ?? [])
  );
}

async function requireSigner(
  authorizer: Authorizer,
  verb: 'approve' | 'sign',
  { user, resource, name, stored }: AdmissionRequest,
): Promise<void> {
  const signer = (stored as CertificateSigningRequest).spec?.signerName ?? '';
  const [domain = ''] = signer.split('/');
  for (const each of [signer, `${domain}/*`]) {
    const place = { subresource: '', namespace: '', name: each, rest: '' };
    const what = { isResource: true, verb, group, version: '*', plural: 'signers' } as const;
    const decision = await authorizer({ user, target: { ...what, ...place } });
    if (decision.kind === 'allow') return;
  }
  const why = `user not permitted to ${verb} requests with signerName ${JSON.stringify(signer)}`;
  throw forbidden({ ...resource, name }, why);
}
