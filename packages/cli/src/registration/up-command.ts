import { Option } from 'commander';
import { defaultServiceRange } from '../server-flags/service-range.ts';
import { append, appendNames, namedFile } from '../flag-values.ts';
import { addKubeApiserverFlags } from '../cluster/add-kube-apiserver-flags.ts';
import type { Register } from './registration.ts';
import { dataDirFlag, evictionFlag, manifestsFlag, runtimeEndpointFlag } from './shared-flags.ts';

/** Registers `up`: a cluster of one's own. */
export const registerUp: Register = (up, { context }) => {
  up.option('-d, --detach', 'return when it is ready, and let it run')
    .option(...dataDirFlag)
    .option('--memory', 'keep objects in memory only')
    .option(
      '--listen <host:port>',
      'where to listen; port 0 picks a free one (default: 127.0.0.1:6443)',
    )
    .option('--tls-san <name>', 'another name or address of the server (repeatable)', append, [])
    .option('--service-cluster-ip-range <cidr>', 'addresses for services', defaultServiceRange)
    .option(
      '--kubeconfig <file>',
      'add the cluster to this file until it stops (default: kubeconfig in the data directory)',
      namedFile,
    )
    .option(
      '--controllers <names>',
      'which run: "*" all, "foo" only foo, "*,-foo" all but foo (repeatable, default: "*")',
      appendNames,
    )
    .option(
      '--cluster-cidr <cidr>',
      'addresses for pods, from which each node gets a network (default: 10.244.0.0/16)',
    )
    .option(
      '--load-balancer-cidr <cidr>',
      'addresses for services of type LoadBalancer (default: 10.245.0.0/24, or the next that no cluster has)',
    )
    .option(
      '--ingress <host:port>',
      'where to serve ingresses of the class fairway, or none (default: behind a load balancer of their own)',
    )
    .option('--ingress-tls <host:port>', 'where to serve them over TLS')
    .option('--node-cidr-mask-size <bits>', 'how large the network of a node is (default: 24)')
    .option('--no-scheduler', 'leave pods to a scheduler of your own')
    .option(
      '--legacy-service-account-tokens',
      'give every account a secret with a token, as before Kubernetes 1.24',
    )
    .option(
      '--node <runtime>',
      'what runs pods: containerd, process (image: host), simulated, none, or auto: the first of these that the machine can (default: auto)',
    )
    .option(
      '--node-name <name>',
      'how the node of this machine is called (default: as the machine)',
    )
    .option(
      '--node-ip <address>',
      'where pods reach this machine (default: an address that only it has)',
    )
    .option(...manifestsFlag)
    .option(...runtimeEndpointFlag)
    .option(...evictionFlag)
    .option(
      '--simulated-nodes <number>',
      'pretend so many nodes, and every other one with the annotation kwok.x-k8s.io/node: fake',
    )
    .option(
      '--stages <file>',
      'what pods on simulated nodes do, beside the usual (see docs/guides/simulated-nodes.md)',
      namedFile,
    )
    .addOption(new Option('--etcd-servers <urls>').hideHelp());
  addKubeApiserverFlags(up).action(async (flags) =>
    (await import('../commands/up.ts')).up(context, flags),
  );
};
