import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';

/** Which a pod may set for itself without harm to others. Source: Kubernetes documentation, "Safe and Unsafe Sysctls". */
const safe: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
]);

/** The parameters of the kernel that a pod asks for, with dots. */
export function podSysctls({ spec }: AnyPod): Record<string, string> {
  const sysctls = spec?.securityContext?.sysctls ?? [];
  return Object.fromEntries(sysctls.map(({ name, value }) => [withDots(name), value]));
}

/** Why a node runs no pod with these; undefined: it does. */
export function forbiddenSysctl(pod: AnyPod): string | undefined {
  const { hostNetwork = false, hostIPC = false } = pod.spec ?? {};
  for (const name of Object.keys(podSysctls(pod))) {
    const forbid = (why: string): string => `forbidden sysctl: ${JSON.stringify(name)} ${why}`;
    if (!safe.has(name)) return forbid('not allowlisted');
    if (hostNetwork && name.startsWith('net.')) return forbid('not allowed with host net enabled');
    if (hostIPC && name.startsWith('kernel.')) return forbid('not allowed with host ipc enabled');
  }
  return undefined;
}

/** `net/ipv4/conf/eth0.1/mtu` is `net.ipv4.conf.eth0/1.mtu`. Source: sysctl(8). */
function withDots(name: string): string {
  if (/^[^/]*\./.test(name) || !name.includes('/')) return name;
  return name.replaceAll(/[./]/g, (each) => (each === '/' ? '.' : '/'));
}
