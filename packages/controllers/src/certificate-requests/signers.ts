import type { CertificateRequestFacts } from '@fairway/certificates';

/** The signers of a cluster's own authority. Source: certificates.k8s.io/v1, "Kubernetes signers". */
export const clientSigner = 'kubernetes.io/kube-apiserver-client';
export const kubeletClientSigner = 'kubernetes.io/kube-apiserver-client-kubelet';
export const kubeletServingSigner = 'kubernetes.io/kubelet-serving';
/** Signs all that is approved. No request for it can be made by today's API. */
export const legacySigner = 'kubernetes.io/legacy-unknown';

/** Says why a signer refuses a request, in the words of kube-controller-manager. */
type SignerRule = (
  request: CertificateRequestFacts,
  usages: readonly string[],
) => string | undefined;

export const signerRules: ReadonlyMap<string, SignerRule> = new Map<string, SignerRule>([
  [clientSigner, checkClient],
  [kubeletClientSigner, checkKubeletClient],
  [kubeletServingSigner, checkKubeletServing],
  [legacySigner, () => undefined],
]);

function checkClient(_: CertificateRequestFacts, usages: readonly string[]): string | undefined {
  const wrong = usages.find((each) => !clientUsages.includes(each));
  if (wrong !== undefined) return `invalid usage for client certificate: ${wrong}`;
  if (usages.includes('client auth')) return undefined;
  return 'missing required usage for client certificate: client auth';
}

const clientUsages = ['digital signature', 'key encipherment', 'client auth'];

export function checkKubeletClient(
  request: CertificateRequestFacts,
  usages: readonly string[],
): string | undefined {
  if (!isOfNodes(request)) return notOfNodes;
  if (request.dnsNames.length > 0) return notAllowed('DNS');
  if (request.emailAddresses.length > 0) return notAllowed('Email');
  if (request.ipAddresses.length > 0) return notAllowed('IP');
  if (request.uris.length > 0) return notAllowed('URI');
  if (!isNamedLikeNode(request)) return notNamedLikeNode;
  return checkKubeletUsages(usages, 'client auth');
}

export function checkKubeletServing(
  request: CertificateRequestFacts,
  usages: readonly string[],
): string | undefined {
  if (!isOfNodes(request)) return notOfNodes;
  if (request.dnsNames.length === 0 && request.ipAddresses.length === 0) {
    return 'DNS or IP subjectAltName is required';
  }
  if (request.emailAddresses.length > 0) return notAllowed('Email');
  if (request.uris.length > 0) return notAllowed('URI');
  const wrong = checkKubeletUsages(usages, 'server auth');
  return wrong ?? (isNamedLikeNode(request) ? undefined : notNamedLikeNode);
}

const notOfNodes = 'subject organization is not system:nodes';
const notNamedLikeNode = 'subject common name does not begin with system:node:';

function isOfNodes({ subject: { organizations } }: CertificateRequestFacts): boolean {
  return organizations.length === 1 && organizations[0] === 'system:nodes';
}

function isNamedLikeNode({ subject }: CertificateRequestFacts): boolean {
  return subject.commonName.startsWith('system:node:');
}

function notAllowed(kind: string): string {
  return `${kind} subjectAltNames are not allowed`;
}

// Keys that are not RSA encipher no others.
function checkKubeletUsages(usages: readonly string[], use: string): string | undefined {
  const asked = new Set(usages);
  const isFit =
    asked.has('digital signature') &&
    asked.has(use) &&
    [...asked].every((each) => each === use || kubeletUsages.includes(each));
  if (isFit) return undefined;
  return `usages did not match [${[use, ...kubeletUsages].sort().join(' ')}]`;
}

const kubeletUsages = ['digital signature', 'key encipherment'];
