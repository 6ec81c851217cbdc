import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { ApiServer } from '@fairway/apiserver';
import { type EnsuredCertificates, issueCertificate } from '@fairway/certificates';
import type { Host } from '@fairway/host';
import type { IngressOptions, IngressPlace } from '@fairway/network';
import { type Informers, keepRunning } from '@fairway/reconcile';
import type { LocalNode } from '../local-node/local-node.ts';
import type { IngressWish } from './ingress-flags.ts';

/** What ingresses are served with. */
export interface IngressParts {
  readonly apiServer: Pick<ApiServer, 'handlerFor'>;
  /** Shared with others of this process. */
  readonly informers: Promise<Informers>;
  readonly certificates: EnsuredCertificates;
  /** Of the API server, for users of this machine. */
  readonly url: string;
  readonly dataDirectory: string;
  readonly node: LocalNode | undefined;
  readonly ingress?: IngressWish;
}

/** Serves ingresses, where that was asked for or there are load balancers, until `signal`. */
export async function startIngress(
  host: Host,
  parts: IngressParts,
  signal: AbortSignal,
): Promise<void> {
  const place = placeOf(host, parts);
  if (place === undefined) return;
  const { clock, random, logger, files } = host;
  const { apiServer, informers, certificates, dataDirectory } = parts;
  const { runIngress } = await import('@fairway/network');
  const directory = `${dataDirectory}/ingress`;
  await files.makeDirectory(directory, { mode: 0o700 });
  const options = {
    handlerFor: apiServer.handlerFor,
    clock,
    random,
    logger,
    place,
    certificate: await defaultCertificate(host, certificates),
    isProtected: protectedPlaces(host, parts),
    async lookup(name: string) {
      return (await lookup(name, { all: true })).map(({ address }) => address);
    },
    accessLogPath: `${directory}/access.log`,
  };
  await keepRunning(async () => runIngress({ ...options, informers: await informers }, signal), {
    clock,
    signal,
    onFailure: (error) => logger.error('ingresses are not served, which is tried again', { error }),
  });
}

function placeOf({ environment }: Host, { ingress, node }: IngressParts): IngressPlace | undefined {
  if (ingress?.kind === 'none') return undefined;
  if (ingress?.kind === 'ports') {
    const asked = [ingress.http, ingress.https].flatMap((each) => each?.host ?? []);
    const all = environment.addresses.length > 0 ? environment.addresses : ['127.0.0.1'];
    const isEverywhere = asked.some((each) => each === '0.0.0.0' || each === '::');
    const addresses = isEverywhere ? all.slice(0, 1) : [...new Set(asked)];
    return { ...ingress, addresses: addresses.filter((each) => isIP(each) !== 0) };
  }
  if (node?.loadBalancers.kind !== 'network') return undefined;
  return { kind: 'service', nodeName: node.name, address: node.address };
}

/** The API server believes nobody, yet has no need to be reached by way of an ingress. */
function protectedPlaces(
  { environment }: Host,
  { url, node }: IngressParts,
): IngressOptions['isProtected'] {
  const apiPort = Number(new URL(url).port || 443);
  const own = new Set([...environment.addresses, ...(node === undefined ? [] : [node.address])]);
  return ({ address, port }) => port === apiPort && own.has(address);
}

/** By which nobody knows a host: clients that ask for one without a certificate are told so by it. */
function defaultCertificate(
  { clock, random }: Host,
  { authority }: EnsuredCertificates,
): ReturnType<typeof issueCertificate> {
  const subject = { commonName: 'fairway-ingress', organizations: [] };
  const use = { kind: 'server', names: ['fairway-ingress.kube-system.svc'] } as const;
  return issueCertificate(authority, use, { subject, clock, random });
}
