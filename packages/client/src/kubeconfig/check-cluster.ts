import { decodeBase64Text } from './base64-text.ts';
import type { ClusterStanza } from './kubeconfig-schema.ts';
import { holdsCertificate } from './pem.ts';

/** Takes what is wrong with one field of a cluster or user. */
export type Report = (field: string, detail: string) => void;

/** Reports what is wrong with a cluster, the files that it names aside. */
export function checkCluster(cluster: ClusterStanza, report: Report): void {
  const data = cluster['certificate-authority-data'];
  if (!cluster.server) report('server', 'no server found; set it to the address of the API');
  else if (!isServerAddress(cluster.server)) {
    report('server', `${JSON.stringify(cluster.server)} is no http or https URL`);
  }
  if (data && cluster['certificate-authority']) {
    const detail =
      'certificate-authority-data and certificate-authority are both specified; keep one';
    report('certificate-authority-data', detail);
  }
  const hasAuthority = Boolean(data || cluster['certificate-authority']);
  if (hasAuthority && cluster['insecure-skip-tls-verify']) {
    const detail = 'cannot be true together with a certificate authority; keep one';
    report('insecure-skip-tls-verify', detail);
  }
  if (data && !holdsCertificate(decodeBase64Text(data))) {
    report('certificate-authority-data', 'holds no PEM certificate');
  }
  checkProxyUrl(cluster['proxy-url'], report);
}

function isServerAddress(server: string): boolean {
  const withScheme = server.includes('://') ? server : `http://${server}`;
  const url = URL.parse(withScheme);
  return url !== null && url.hostname !== '' && /^https?:$/.test(url.protocol);
}

function checkProxyUrl(proxyUrl: string | undefined, report: Report): void {
  if (!proxyUrl) return;
  const url = URL.parse(proxyUrl);
  // The address itself is not shown: it may hold a password.
  if (url === null || url.hostname === '') report('proxy-url', 'is not a URL with a host');
  else if (!['http:', 'https:', 'socks5:'].includes(url.protocol)) {
    const scheme = url.protocol.slice(0, -1);
    report('proxy-url', `unsupported scheme ${scheme}; use http, https or socks5`);
  }
}
