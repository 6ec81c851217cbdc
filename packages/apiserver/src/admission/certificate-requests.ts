import type { Authorizer } from '@fairway/access';
import type { CertificateSigningRequest } from '@fairway/kinds/certificates/v1';
import { forbidden, type ObjectDraft, type UserInfo } from '@fairway/protocol';
import { isEqualJson } from '@fairway/kind-rules';
import type { AdmissionRequest, AdmissionStep } from './admission-step.ts';

const group = 'certificates.k8s.io';

/**
 * Writes into a certificate request who made it, whatever the request itself says, and leaves its
 * approval and its certificate to who may act for its signer.
 *
 * Source: Kubernetes admission, CertificateApproval and CertificateSigning; certificates.k8s.io/v1.
 */
export function certificateRequests(authorizer: Authorizer): AdmissionStep {
  return async (request) => {
    const { resource, operation, subresource } = request;
    if (resource.group !== group || resource.plural !== 'certificatesigningrequests') return;
    if (operation === 'CREATE') nameRequester(request);
    else if (subresource === 'approval') await requireSigner(authorizer, 'approve', request);
    else if (subresource === 'status' && isSigned(request)) {
      await requireSigner(authorizer, 'sign', request);
    }
  };
}

function nameRequester({ draft, user }: AdmissionRequest): void {
  const request = draft as ObjectDraft<CertificateSigningRequest>;
  const { username: _, uid: __, groups: ___, extra: ____, ...asked } = request.spec ?? {};
  request.spec = { ...asked, ...requesterOf(user) };
}

function requesterOf({ username, uid, groups, extra }: UserInfo): object {
  return {
    username,
    ...(uid === undefined ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups: [...groups] }),
    ...(extra === undefined ? {} : { extra: structuredClone(extra) }),
  };
}

function isSigned({ draft, stored }: AdmissionRequest): boolean {
  const next = (draft as CertificateSigningRequest).status;
  const before = (stored as CertificateSigningRequest).status;
  return (
    next?.certificate !== before?.certificate ||
    !isEqualJson(next?.conditions ?? [], before?.conditions ?? [])
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
