import type {
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '@fairway/kinds/networking/v1';
import {
  type DeepReadonly,
  type LabelSelectorObject,
  matchesLabelSelector,
  writtenSelector,
} from '@fairway/protocol';
import { type NumberRange, blockRanges, joined } from './address-ranges.ts';
import { type PolicyPod, type PortProtocol, portProtocols } from './policy-pod.ts';

/** What network policies ask of one node. */
export interface PolicyPlan {
  /** The pods of the node that policies have closed in a direction, with those that open it again. */
  readonly isolated: readonly IsolatedPod[];
  readonly policies: readonly DirectedPolicy[];
}

export const directions = ['ingress', 'egress'] as const;
export type Direction = (typeof directions)[number];

export interface IsolatedPod {
  readonly pod: PolicyPod;
  readonly direction: Direction;
  /** Their names, in the namespace of the pod. */
  readonly policies: readonly string[];
}

/** What a policy lets pass in one direction. */
export interface DirectedPolicy {
  readonly namespace: string;
  readonly name: string;
  readonly direction: Direction;
  /** Any of them is enough. */
  readonly allowed: readonly AllowedTraffic[];
}

export interface AllowedTraffic {
  /** Whom it comes from, or goes to; undefined: everybody. */
  readonly peers: AllowedPeers | undefined;
  /** Where it goes to; undefined: every port, and what has no ports. */
  readonly ports: readonly AllowedPorts[] | undefined;
}

export interface AllowedPeers {
  /** Those that selectors name; undefined: there are no selectors. */
  readonly pods: SelectedPods | undefined;
  readonly blocks: readonly NumberRange[];
}

export interface SelectedPods {
  readonly selectors: readonly AnyPeer[];
  readonly addresses: readonly string[];
}

export interface AllowedPorts {
  readonly protocol: PortProtocol;
  /** Undefined: all of them. */
  readonly ranges: readonly NumberRange[] | undefined;
  /** Of a port by its name: the pods where it has this number; absent: on all. */
  readonly named?: { readonly name: string; readonly pods: readonly string[] };
}

/** What policies can speak of. */
export interface PolicyWorld {
  readonly nodeName: string;
  /** Of the whole cluster. */
  readonly pods: readonly PolicyPod[];
  /** The labels of a namespace. */
  readonly labelsOf: (namespace: string) => Readonly<Record<string, string>> | undefined;
}

type AnyPolicy = DeepReadonly<NetworkPolicy>;
type AnyPeer = DeepReadonly<NetworkPolicyPeer>;
type AnyPort = DeepReadonly<NetworkPolicyPort>;

/**
 * What the policies of a cluster mean for the pods of one node. Policies only ever add to each other: a pod that
 * one of them selects is closed in its directions, and open for what any of them lists.
 *
 * Source: networking.k8s.io/v1 NetworkPolicy; Kubernetes documentation, "Network Policies".
 */
export function policyPlan(policies: readonly AnyPolicy[], world: PolicyWorld): PolicyPlan {
  const byNamespace = Map.groupBy(world.pods, ({ namespace }) => namespace);
  const isolated = new Map<string, IsolatedPod>();
  const directed: DirectedPolicy[] = [];
  for (const policy of policies) {
    const { namespace = '', name = '' } = policy.metadata ?? {};
    const isSelected = selection(policy.spec?.podSelector ?? {});
    const selected = (byNamespace.get(namespace) ?? []).filter(isSelected);
    const here = selected.filter(({ nodeName }) => nodeName === world.nodeName);
    if (here.length === 0) continue;
    for (const direction of directionsOf(policy)) {
      for (const pod of here) {
        const key = [direction, pod.namespace, pod.name].join(' ');
        const before = isolated.get(key)?.policies ?? [];
        isolated.set(key, { pod, direction, policies: [...before, name] });
      }
      const scene = { policy, direction, selected, world, byNamespace };
      directed.push({ namespace, name, direction, allowed: allowedBy(scene) });
    }
  }
  return { isolated: [...isolated.values()], policies: directed };
}

function directionsOf({ spec }: AnyPolicy): readonly Direction[] {
  const byDefault = spec?.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress'];
  const types: readonly string[] = spec?.policyTypes ?? byDefault;
  return directions.filter((direction) => types.some((type) => type.toLowerCase() === direction));
}

interface PolicyScene {
  readonly policy: AnyPolicy;
  readonly direction: Direction;
  readonly selected: readonly PolicyPod[];
  readonly world: PolicyWorld;
  readonly byNamespace: ReadonlyMap<string, readonly PolicyPod[]>;
}

function allowedBy(scene: PolicyScene): readonly AllowedTraffic[] {
  const { spec } = scene.policy;
  const rules =
    scene.direction === 'ingress'
      ? (spec?.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
      : (spec?.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
  return rules.map(({ peers = [], ports = [] }) => ({
    peers: peers.length === 0 ? undefined : allowedPeers(peers, scene),
    ports: ports.length === 0 ? undefined : allowedPorts(ports, scene),
  }));
}

function allowedPeers(peers: readonly AnyPeer[], scene: PolicyScene): AllowedPeers {
  const blocks = peers.flatMap(({ ipBlock }) =>
    ipBlock === undefined ? [] : blockRanges(ipBlock.cidr, ipBlock.except ?? []),
  );
  const selectors = peers.filter(({ ipBlock }) => ipBlock === undefined);
  const addresses = addressesOf(selectors.flatMap((peer) => podsOfPeer(peer, scene)));
  const pods = selectors.length === 0 ? undefined : { selectors, addresses };
  return { pods, blocks: joined(blocks) };
}

function podsOfPeer(
  { podSelector, namespaceSelector }: AnyPeer,
  { policy, world, byNamespace }: PolicyScene,
): readonly PolicyPod[] {
  const isSelected = selection(podSelector ?? {});
  if (namespaceSelector === undefined) {
    if (podSelector === undefined) return [];
    return (byNamespace.get(policy.metadata?.namespace ?? '') ?? []).filter(isSelected);
  }
  const isNamespaceSelected = selection(namespaceSelector);
  return [...byNamespace].flatMap(([namespace, pods]) => {
    const labels = world.labelsOf(namespace);
    const isOne = labels !== undefined && isNamespaceSelected({ labels });
    return isOne ? pods.filter(isSelected) : [];
  });
}

function allowedPorts(ports: readonly AnyPort[], scene: PolicyScene): readonly AllowedPorts[] {
  return portProtocols.flatMap((protocol): readonly AllowedPorts[] => {
    const those = ports.filter((each) => (each.protocol ?? 'TCP') === protocol);
    if (those.some(({ port }) => port === undefined)) return [{ protocol, ranges: undefined }];
    const ranges = those
      .flatMap(({ port, endPort }) =>
        typeof port === 'number' ? [{ first: port, last: endPort ?? port }] : [],
      )
      .filter(isRange);
    const names = new Set(those.flatMap(({ port }) => (typeof port === 'string' ? [port] : [])));
    return [
      ...(ranges.length === 0 ? [] : [{ protocol, ranges: joined(ranges) }]),
      ...[...names].flatMap((name) => namedPorts(name, protocol, scene)),
    ];
  });
}

const portMax = 65_535;

function isRange({ first, last }: NumberRange): boolean {
  const areWhole = Number.isInteger(first) && Number.isInteger(last);
  return areWhole && first >= 0 && first <= last && last <= portMax;
}

/** A name means the port of whoever is asked. */
function namedPorts(
  name: string,
  protocol: PortProtocol,
  { direction, selected, world }: PolicyScene,
): readonly AllowedPorts[] {
  const asked = direction === 'ingress' ? selected : world.pods;
  const byNumber = Map.groupBy(
    asked.flatMap((pod) =>
      pod.ports
        .filter((each) => each.name === name && each.protocol === protocol)
        .map(({ port }) => ({ port, pod })),
    ),
    ({ port }) => port,
  );
  return [...byNumber].map(([port, those]) => ({
    protocol,
    ranges: [{ first: port, last: port }],
    named: { name, pods: addressesOf(those.map(({ pod }) => pod)) },
  }));
}

function selection(
  selector: LabelSelectorObject,
): (of: { readonly labels: Readonly<Record<string, string>> }) => boolean {
  const written = writtenSelector(selector);
  return ({ labels }) => written !== undefined && matchesLabelSelector(written, labels);
}

function addressesOf(pods: readonly PolicyPod[]): readonly string[] {
  return [...new Set(pods.flatMap(({ addresses }) => addresses))].toSorted();
}
