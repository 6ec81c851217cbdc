import { type Shown, formatSelector } from '@fairway/kind-rules/shown';
import {
  NetworkPolicy,
  type NetworkPolicyPeer,
  type NetworkPolicyPort,
} from '@fairway/kinds/networking/v1';
import { describerOf } from '../describer.ts';
import { type Lines, field, indented, lines, section } from '../lines.ts';
import { annotationLines, labelLines } from '../metadata-lines.ts';
import { plainTimeText } from '../moment.ts';

/** Describes a network policy: what it lets in and out, and of which pods. */
export const networkPolicy = describerOf<NetworkPolicy>({
  resource: NetworkPolicy,
  events: 'none',
  describe: (policy, _, moment) => {
    const { metadata } = policy;
    return lines(
      field('Name', metadata?.name ?? ''),
      field('Namespace', metadata?.namespace ?? ''),
      field('Created on', plainTimeText(metadata?.creationTimestamp, moment)),
      labelLines('Labels', metadata?.labels),
      annotationLines(metadata?.annotations),
      section('Spec', specLines(policy)),
    );
  },
});

function specLines({ spec = {} }: Shown<NetworkPolicy>): Lines {
  const { podSelector = {}, policyTypes = [], ingress = [], egress = [] } = spec;
  const selector = formatSelector(podSelector);
  const everyPod = '<none> (Allowing the specific traffic to all pods in this namespace)';
  const incoming = ingress.map(({ ports, from }) => ({ ports, peers: from }));
  const outgoing = egress.map(({ ports, to }) => ({ ports, peers: to }));
  return lines(
    // The text stands deeper, as in kubectl.
    `PodSelector:     ${selector === '<none>' ? everyPod : selector}`,
    policyTypes.includes('Ingress')
      ? ['Allowing ingress traffic:', ...indented(trafficLines(incoming, inward))]
      : 'Not affecting ingress traffic',
    policyTypes.includes('Egress')
      ? ['Allowing egress traffic:', ...indented(trafficLines(outgoing, outward))]
      : 'Not affecting egress traffic',
    `Policy Types: ${policyTypes.join(', ') || '<none>'}`,
  );
}

interface Rule {
  readonly ports: readonly Shown<NetworkPolicyPort>[] | undefined;
  readonly peers: readonly Shown<NetworkPolicyPeer>[] | undefined;
}

interface Direction {
  readonly peers: 'From' | 'To';
  readonly isolated: string;
  readonly anyPeer: string;
}

const inward: Direction = {
  peers: 'From',
  isolated: '<none> (Selected pods are isolated for ingress connectivity)',
  anyPeer: 'From: <any> (traffic not restricted by source)',
};
const outward: Direction = {
  peers: 'To',
  isolated: '<none> (Selected pods are isolated for egress connectivity)',
  anyPeer: 'To: <any> (traffic not restricted by destination)',
};

function trafficLines(rules: readonly Rule[], { peers, isolated, anyPeer }: Direction): Lines {
  if (rules.length === 0) return [isolated];
  return rules.flatMap((rule, at) =>
    lines(
      at === 0 ? undefined : '----------',
      rule.ports?.length
        ? rule.ports.map(portText)
        : 'To Port: <any> (traffic allowed to all ports)',
      rule.peers?.length ? rule.peers.flatMap((peer) => section(peers, peerLines(peer))) : anyPeer,
    ),
  );
}

function portText({ port, endPort, protocol = 'TCP' }: Shown<NetworkPolicyPort>): string {
  const first = port ?? '<nil>';
  if (endPort === undefined) return `To Port: ${first}/${protocol}`;
  return `To Port Range: ${first}-${endPort}/${protocol}`;
}

function peerLines({ ipBlock, namespaceSelector, podSelector }: Shown<NetworkPolicyPeer>): Lines {
  if (podSelector !== undefined || namespaceSelector !== undefined) {
    return lines(
      namespaceSelector && `NamespaceSelector: ${formatSelector(namespaceSelector)}`,
      podSelector && `PodSelector: ${formatSelector(podSelector)}`,
    );
  }
  if (ipBlock === undefined) return [];
  const { cidr = '', except = [] } = ipBlock;
  return section('IPBlock', [`CIDR: ${cidr}`, `Except: ${except.join(', ')}`]);
}
