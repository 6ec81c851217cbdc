import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { quotedPath } from '../../quoted-path.ts';
import { setCluster } from '../config-command.ts';
import type { Facts, Tools } from '../step.ts';
import { namesOf } from './certificate-names.ts';
import type { ChainProblem } from './judge-chain.ts';

/** What made a cluster, as far as its certificate tells. */
interface Maker {
  isMakerOf(leaf: X509Certificate): boolean;
  /** Gives the server another name or address, typed on it. */
  addName(name: string): string;
  readonly renew: string;
  /** Where its authority is to be had, on it. */
  readonly authority: string;
}

const makers: readonly Maker[] = [
  {
    isMakerOf: ({ issuer }) => /^CN=fairway-ca$/m.test(issuer),
    addName: (name) => `\`fairway up --tls-san ${name}\``,
    renew: '`fairway down`, then `fairway up -d`, which renews it',
    authority: '`fairway up` writes it into .fairway/kubeconfig',
  },
  {
    isMakerOf: ({ issuer }) => /^CN=(k3s|rke2)-server-ca@/m.test(issuer),
    addName: (name) =>
      `k3s server --tls-san ${name} (RKE2: tls-san: [${name}] in its config.yaml), and restart it`,
    renew: 'sudo systemctl restart k3s (or rke2-server), which renews it',
    authority:
      'sudo cat /etc/rancher/k3s/k3s.yaml on the server (RKE2: /etc/rancher/rke2/rke2.yaml)',
  },
  {
    isMakerOf: ({ issuer }) => /^CN=minikubeCA$/m.test(issuer),
    addName: (name) =>
      `minikube start --${isIP(name) === 0 ? 'apiserver-names' : 'apiserver-ips'}=${name}`,
    renew: 'minikube start, which renews it',
    authority: 'minikube update-context',
  },
  {
    isMakerOf: ({ issuer, subject }) =>
      /^CN=kubernetes$/m.test(issuer) && /^CN=kube-apiserver$/m.test(subject),
    addName: (name) =>
      `certSANs: [${name}] under apiServer of the kubeadm configuration, then: sudo kubeadm init phase certs apiserver --config FILE`,
    renew: 'sudo kubeadm certs renew all, and restart the control plane',
    authority: 'sudo cat /etc/kubernetes/pki/ca.crt on a node of the control plane',
  },
];

const anyMaker: Omit<Maker, 'isMakerOf'> = {
  addName: (name) =>
    `give the server a certificate with ${name}: --tls-san ${name} (k3s), certSANs: [${name}] (kubeadm)`,
  renew:
    'renew the certificate of the server: sudo kubeadm certs renew all (kubeadm), a restart (k3s)',
  authority: 'ask the operator of the cluster for its certificate authority, or a new kubeconfig',
};

/** What helps against the first of the problems, the line to type here before what is to be done there. */
export function remediesFor(
  problem: ChainProblem,
  about: {
    readonly leaf: X509Certificate | undefined;
    readonly name: string;
    readonly tools: Tools;
    readonly facts: Facts;
  },
): readonly string[] {
  const { leaf, name, tools, facts } = about;
  const maker =
    leaf === undefined ? anyMaker : (makers.find((each) => each.isMakerOf(leaf)) ?? anyMaker);
  const trust = setCluster(tools, facts, ['certificate-authority', 'ca.crt']);
  switch (problem.kind) {
    case 'name': {
      const usable = leaf === undefined ? undefined : nameToAskFor(leaf);
      const ask =
        usable === undefined ? [] : [setCluster(tools, facts, ['tls-server-name', usable])];
      return [...ask, maker.addName(quotedPath(name))];
    }
    case 'expired':
      return [maker.renew];
    case 'not-yet-valid':
      return [setTheClock(tools)];
    case 'intercepted':
      return [
        `have ${name} exempted from inspection, or reach it by another network: client certificates and exec do not pass`,
      ];
    case 'intermediate-missing':
      return [
        'have the server send its whole chain: its certificate, then that of its issuer',
        trust,
      ];
    default:
      return [trust, maker.authority];
  }
}

/** The name of a certificate to ask for: one that nobody uses for anything else first. */
function nameToAskFor(leaf: X509Certificate): string | undefined {
  const names = namesOf(leaf).filter((each) => !each.startsWith('*.'));
  return names.find((each) => each.startsWith('kubernetes')) ?? names[0];
}

/** The line that sets the clock of this machine by those of others. */
export function setTheClock({ host }: Pick<Tools, 'host'>): string {
  switch (host.environment.platform) {
    case 'darwin':
      return 'sudo sntp -sS time.apple.com';
    case 'win32':
      return 'w32tm /resync';
    default:
      return 'sudo timedatectl set-ntp true';
  }
}
