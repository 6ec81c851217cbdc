import type { Client } from '@fairway/client';
import { SubjectAccessReview } from '@fairway/kinds/authorization/v1';
import { CertificateSigningRequest } from '@fairway/kinds/certificates/v1';
import { type Controller, requeueWithBackoff, unlessOutdated } from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { approvedBecause, isDecided, readRequest } from './request-state.ts';
import { checkKubeletClient, kubeletClientSigner } from './signers.ts';

/**
 * Approves what a kubelet asks for to be a client of the API, where RBAC lets its requester: for itself
 * (`create` on `certificatesigningrequests/selfnodeclient`) or for any node (`…/nodeclient`). Everything
 * else is left to people.
 */
export function approveRequests(parts: ControllerParts): Controller {
  const { client } = parts;
  return sharedController(parts, CertificateSigningRequest, {
    async reconcile({ name: requestName, object: request, reached, signal }) {
      if (request === undefined || isDecided(request)) return undefined;
      const permissions = permissionsFor(request);
      if (permissions.length === 0) return undefined;
      for (const subresource of permissions) {
        if (!(await mayCreate(client, { request, subresource, signal }))) continue;
        const approval = client.subresource(CertificateSigningRequest, requestName, 'approval');
        const self = subresource === 'selfnodeclient' ? 'self ' : '';
        const message = `Auto approving ${self}kubelet client certificate after SubjectAccessReview.`;
        const writing = approval.replace(approvedBecause(request, message), { signal });
        const written = await unlessOutdated(writing);
        if (written !== undefined) await reached(written);
        return undefined;
      }
      // Somebody may still be given the right to it.
      return requeueWithBackoff;
    },
  });
}

type Permission = 'selfnodeclient' | 'nodeclient';

function permissionsFor(request: CertificateSigningRequest): readonly Permission[] {
  const { signerName, usages = [], username } = request.spec ?? {};
  if (signerName !== kubeletClientSigner) return [];
  const facts = readRequest(request);
  if (facts === undefined || checkKubeletClient(facts, usages) !== undefined) return [];
  return facts.subject.commonName === username ? ['selfnodeclient', 'nodeclient'] : ['nodeclient'];
}

async function mayCreate(
  client: Client,
  {
    request: { spec },
    subresource,
    signal,
  }: {
    readonly request: CertificateSigningRequest;
    readonly subresource: Permission;
    readonly signal: AbortSignal;
  },
): Promise<boolean> {
  const { username, uid, groups, extra } = spec ?? {};
  const review = await client.create(
    SubjectAccessReview,
    {
      spec: {
        ...(username === undefined ? {} : { user: username }),
        ...(uid === undefined ? {} : { uid }),
        ...(groups === undefined ? {} : { groups }),
        ...(extra === undefined ? {} : { extra }),
        resourceAttributes: {
          verb: 'create',
          group: 'certificates.k8s.io',
          resource: 'certificatesigningrequests',
          subresource,
        },
      },
    },
    { signal },
  );
  return review.status?.allowed === true;
}
