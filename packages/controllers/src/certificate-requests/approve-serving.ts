import type { CertificateRequestFacts } from '@fairway/certificates';
import { CertificateSigningRequest } from '@fairway/kinds/certificates/v1';
import { Node, Service } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import type { DeepReadonly } from '@fairway/protocol';
import {
  type Controller,
  type Informer,
  requeueWithBackoff,
  unlessOutdated,
} from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { approvedBecause, isDecided, readRequest } from './request-state.ts';
import { checkKubeletServing, kubeletServingSigner } from './signers.ts';

/**
 * Approves what a node asks for to be known by the API server: where it asks for itself and for addresses that it
 * says are its own, unless another node has said so before or the API server has them. Everything else is left to
 * people, names above all: nobody knows whose they are.
 *
 * A kube-controller-manager leaves all of it to people (docs/decisions/0047-serving-certificates-of-nodes.md).
 */
export function approveServing(parts: ControllerParts): Controller {
  const { administrator, informers } = parts;
  const nodes = sharedInformer(informers, Node);
  const services = sharedInformer(informers, Service);
  const slices = sharedInformer(informers, EndpointSlice);
  return sharedController(parts, CertificateSigningRequest, {
    async reconcile({ name: requestName, object: request, reached, signal }) {
      if (request === undefined || isDecided(request)) return undefined;
      const asked = askedOf(request);
      if (asked === undefined) return undefined;
      await Promise.all([nodes.synced, services.synced, slices.synced]);
      const ofServer = addressesOfServer(services, slices);
      const isOwn = (address: string): boolean =>
        isOnlyOf(asked.nodeName, address, nodes) &&
        (isLoopback(address) || !ofServer.includes(address));
      // A node may still tell its addresses, or another one end.
      if (!asked.ipAddresses.every(isOwn)) return requeueWithBackoff;
      const approval = administrator.subresource(
        CertificateSigningRequest,
        requestName,
        'approval',
      );
      const message = 'Auto approving the serving certificate of a node for its own addresses.';
      const writing = approval.replace(approvedBecause(request, message), { signal });
      const written = await unlessOutdated(writing);
      if (written !== undefined) await reached(written);
      return undefined;
    },
  });
}

/** Whom a request is for; undefined for what is no request of a node for itself, or for more than addresses. */
function askedOf(
  request: CertificateSigningRequest,
): (Pick<CertificateRequestFacts, 'ipAddresses'> & { readonly nodeName: string }) | undefined {
  const { signerName, usages = [], username = '', groups = [] } = request.spec ?? {};
  if (signerName !== kubeletServingSigner || !groups.includes('system:nodes')) return undefined;
  const facts = readRequest(request);
  if (facts === undefined || checkKubeletServing(facts, usages) !== undefined) return undefined;
  if (facts.subject.commonName !== username || facts.dnsNames.length > 0) return undefined;
  return { nodeName: username.replace(/^system:node:/, ''), ipAddresses: facts.ipAddresses };
}

/** Several nodes of one machine have its loopback address, which leads nobody else astray. */
function isOnlyOf(nodeName: string, address: string, nodes: Informer<Node>): boolean {
  const node = nodes.get(nodeName);
  if (node === undefined || !hasAddress(node, address)) return false;
  if (isLoopback(address)) return true;
  return [...nodes.objects()].every((each) => each === node || !hasAddress(each, address));
}

function hasAddress({ status }: DeepReadonly<Node>, address: string): boolean {
  return status?.addresses?.some((each) => each.address === address) === true;
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** By which clients find the API server: who had a certificate for them could stand in for it. */
function addressesOfServer(
  services: Informer<Service>,
  slices: Informer<EndpointSlice>,
): readonly string[] {
  const spec = services.get('default/kubernetes')?.spec;
  const endpoints = slices.get('default/kubernetes')?.endpoints ?? [];
  return [...(spec?.clusterIPs ?? []), ...endpoints.flatMap(({ addresses }) => addresses)];
}
