import { isIP, isIPv4 } from 'node:net';
import type { Answer } from 'dns-packet';
import { endpointsOf, isReady, serviceNameLabel } from '../service-slices.ts';
import type { ClusterZone } from './cluster-zone.ts';
import { isPlainName } from './message-layout.ts';
import { addressOfReverseName, canonicalAddress } from './reverse-name.ts';
import { type Target, endpointLabel, targetsOf } from './service-targets.ts';
import { type ServiceName, parseZoneName } from './zone-name.ts';

/** As CoreDNS is configured by kubeadm: how long others may keep what is, and what is not. */
const ttlSeconds = 30;
const absenceTtlSeconds = 5;

/** What is asked: the name in lower case and without a dot at its end. */
export interface Question {
  readonly name: string;
  readonly type: string;
}

export interface ZoneAnswer {
  readonly outcome: 'NOERROR' | 'NXDOMAIN';
  readonly answers: readonly Answer[];
  readonly authorities: readonly Answer[];
  readonly additionals: readonly Answer[];
  /** The name is one for another, whose addresses the asker wants. */
  readonly alias?: string;
}

/**
 * What a cluster says to a question, as the kubernetes plugin of CoreDNS does; undefined where the name is
 * somebody else's. Source: Kubernetes DNS-Based Service Discovery 1.1.0.
 */
export function answerQuery(zone: ClusterZone, question: Question): ZoneAnswer | undefined {
  const { name } = question;
  const { domain } = zone;
  if (name === domain) return answerOf(zone, ofDomain(zone, question));
  if (name.endsWith(`.${domain}`)) {
    return answerOf(zone, ofName(zone, question, name.slice(0, -domain.length - 1)));
  }
  const address = addressOfReverseName(name);
  const names = address === undefined ? [] : namesAt(zone, address);
  if (names.length === 0) return undefined;
  const pointers = names.map((data): Answer => ({ ...record(name), type: 'PTR', data }));
  return answerOf(zone, { answers: question.type === 'PTR' ? pointers : [] });
}

/** Undefined: there is no such name. Without records: there is, and nothing of the type. */
type Found =
  | undefined
  | {
      readonly answers: readonly Answer[];
      readonly additionals?: readonly Answer[];
      readonly alias?: string;
    };

const nothingOfType: Found = { answers: [] };

function answerOf(zone: ClusterZone, found: Found): ZoneAnswer {
  if (found === undefined) {
    return { outcome: 'NXDOMAIN', answers: [], authorities: [authority(zone)], additionals: [] };
  }
  const { answers, additionals = [], alias } = found;
  return {
    outcome: 'NOERROR',
    answers,
    authorities: answers.length === 0 ? [authority(zone)] : [],
    additionals,
    ...(alias === undefined ? {} : { alias }),
  };
}

function ofName(zone: ClusterZone, question: Question, text: string): Found {
  const asked = parseZoneName(text);
  switch (asked.kind) {
    case 'service':
      return ofService(zone, question, asked);
    case 'pod':
      return zone.hasNamespace(asked.namespace) ? ofPod(question, asked.dashed) : undefined;
    case 'branch': {
      const { namespace } = asked;
      return namespace === undefined || zone.hasNamespace(namespace) ? nothingOfType : undefined;
    }
    case 'server':
      return { answers: addressRecords(question, zone.serverAddresses) };
    case 'version':
      return { answers: question.type === 'TXT' ? [version(question)] : [] };
    default:
      return undefined;
  }
}

function ofDomain(zone: ClusterZone, { name, type }: Question): Found {
  if (type === 'SOA') return { answers: [authority(zone)] };
  if (type !== 'NS') return nothingOfType;
  const data = `ns.dns.${zone.domain}`;
  const additionals = zone.serverAddresses.map((address) => addressRecord(data, address));
  return { answers: [{ ...record(name), type: 'NS', data }], additionals };
}

function ofService(zone: ClusterZone, question: Question, asked: ServiceName): Found {
  const service = zone.service(asked.namespace, asked.service);
  if (service === undefined) return undefined;
  const { type, externalName = '' } = service.spec ?? {};
  if (type === 'ExternalName') return ofAlias(question, asked, externalName);
  const targets = targetsOf(zone, service, asked);
  if (targets === undefined) return undefined;
  if (question.type === 'SRV') return serviceRecords(zone, question, targets);
  return {
    answers: addressRecords(
      question,
      targets.map(({ address }) => address),
    ),
  };
}

/** A name that looks like an address is none. Source: Kubernetes documentation, "Type: ExternalName". */
function ofAlias(question: Question, asked: ServiceName, text: string): Found {
  const data = text.toLowerCase().replace(/\.$/, '');
  if (asked.endpoint !== undefined || asked.port !== undefined) return undefined;
  if (!isPlainName(data) || isIP(data) !== 0) return undefined;
  const answers: Answer[] = [{ ...record(question.name), type: 'CNAME', data }];
  return wantsAddresses(question) ? { answers, alias: data } : { answers };
}

function serviceRecords(
  { domain }: ClusterZone,
  { name }: Question,
  targets: readonly Target[],
): Found {
  const answers = new Map<string, Answer>();
  const additionals = new Map<string, Answer>();
  const weight = Math.max(1, Math.floor(100 / targets.length));
  for (const { name: place, address, port } of targets) {
    if (port === undefined) continue;
    const target = `${place}.${domain}`;
    const data = { priority: 0, weight, port, target };
    answers.set(`${port} ${target}`, { ...record(name), type: 'SRV', data });
    additionals.set(`${address} ${target}`, addressRecord(target, address));
  }
  return { answers: [...answers.values()], additionals: [...additionals.values()] };
}

/** By the form alone, whether there is such a pod or not: `pods insecure` of CoreDNS. */
function ofPod(question: Question, dashed: string): Found {
  const address = [dashed.replaceAll('-', '.'), dashed.replaceAll('-', ':')].find(
    (text) => isIP(text) !== 0,
  );
  if (address === undefined) return undefined;
  return { answers: addressRecords(question, [address]) };
}

function namesAt(zone: ClusterZone, address: string): readonly string[] {
  const [service] = zone.servicesAt(address);
  if (service !== undefined) {
    const { name = '', namespace = '' } = service.metadata ?? {};
    return [`${name}.${namespace}.svc.${zone.domain}`];
  }
  const names = zone.slicesAt(address).flatMap((slice) => {
    const { metadata } = slice;
    const serviceName = metadata?.labels?.[serviceNameLabel];
    const { namespace = '' } = metadata ?? {};
    if (serviceName === undefined || zone.service(namespace, serviceName) === undefined) return [];
    return endpointsOf(slice)
      .filter(({ addresses }) => addresses.some((each) => canonicalAddress(each) === address))
      .filter(isReady)
      .map(
        (endpoint) => `${endpointLabel(endpoint)}.${serviceName}.${namespace}.svc.${zone.domain}`,
      );
  });
  return [...new Set(names)];
}

function addressRecords(question: Question, addresses: readonly string[]): Answer[] {
  if (!wantsAddresses(question)) return [];
  return [...new Set(addresses)]
    .filter((address) => isIPv4(address) === (question.type === 'A'))
    .map((address) => addressRecord(question.name, address));
}

function wantsAddresses({ type }: Question): boolean {
  return type === 'A' || type === 'AAAA';
}

function addressRecord(name: string, data: string): Answer {
  return { ...record(name), type: isIPv4(data) ? 'A' : 'AAAA', data };
}

function version({ name }: Question): Answer {
  return { ...record(name), type: 'TXT', data: '1.1.0' };
}

/** Tells for how long something is known not to be. Source: RFC 2308 3. */
function authority(zone: ClusterZone): Answer {
  return {
    type: 'SOA',
    name: zone.domain,
    ttl: absenceTtlSeconds,
    data: {
      mname: `ns.dns.${zone.domain}`,
      rname: `hostmaster.${zone.domain}`,
      serial: zone.serial(),
      refresh: 7_200,
      retry: 1_800,
      expire: 86_400,
      minimum: absenceTtlSeconds,
    },
  };
}

function record(name: string): { readonly name: string; readonly ttl: number } {
  return { name, ttl: ttlSeconds };
}
