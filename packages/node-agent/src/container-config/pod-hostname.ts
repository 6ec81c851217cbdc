import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import { PodError } from '../sources/pod-sources.ts';

export interface PodHostname {
  readonly hostname: string;
  /** Absent: it has none. */
  readonly domain?: string;
}

/** The kernel takes no more, and the zero at its end. */
const hostnameCharactersMax = 63;
const kernelNameCharactersMax = 64;

/** What a pod is called. Source: Kubernetes documentation, "Pod's hostname and subdomain fields". */
export function podHostname({ metadata, spec }: AnyPod, clusterDomain: string): PodHostname {
  const { hostnameOverride, hostname = '', subdomain = '' } = spec ?? {};
  if (hostnameOverride !== undefined) return { hostname: shortened(hostnameOverride) };
  const name = shortened(hostname === '' ? (metadata?.name ?? '') : hostname);
  if (subdomain === '') return { hostname: name };
  return {
    hostname: name,
    domain: `${subdomain}.${metadata?.namespace ?? ''}.svc.${clusterDomain}`,
  };
}

/** What `hostname` says in a pod with a network of its own. Errors: `PodError` for what the kernel cannot hold. */
export function kernelHostname(pod: AnyPod, clusterDomain: string): string {
  const { hostname, domain } = podHostname(pod, clusterDomain);
  if (pod.spec?.setHostnameAsFQDN !== true || domain === undefined) return hostname;
  const whole = `${hostname}.${domain}`;
  if (whole.length <= kernelNameCharactersMax) return whole;
  throw new PodError(
    `failed to construct FQDN from pod hostname and cluster domain, FQDN ${whole} is too long (${kernelNameCharactersMax} characters is the max, ${whole.length} characters requested)`,
  );
}

function shortened(name: string): string {
  if (name.length <= hostnameCharactersMax) return name;
  return name.slice(0, hostnameCharactersMax).replace(/[-.]+$/, '');
}
