import { addKubeApiserverFlags } from '../cluster/add-kube-apiserver-flags.ts';
import { defaultServiceRange } from '../server-flags/service-range.ts';
import type { Register } from './registration.ts';

/** Registers `kube-apiserver`, which `envtest` writes a program for. */
export const registerKubeApiserver: Register = (command, { context }) => {
  command
    .option('--etcd-servers <urls>', 'the etcd that `fairway envtest` writes')
    .option('--service-cluster-ip-range <cidr>', 'addresses for services', defaultServiceRange)
    .option('-v, --v <level>', 'of no use here: warnings and errors are logged at every level');
  addKubeApiserverFlags(command);
  command.action(async (flags) =>
    (await import('../commands/kube-apiserver.ts')).kubeApiserver(context, flags),
  );
};
