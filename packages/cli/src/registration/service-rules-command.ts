import { addClusterFlags } from '../connection/cluster-flags.ts';
import type { Register } from './registration.ts';

/** Registers `service-rules`. */
export const registerServiceRules: Register = (rules, { context, withGlobals }) => {
  rules
    .option('--dry-run', 'print the rules and change nothing, which is all that this command does')
    .option('--node-name <name>', 'of which node (default: this machine, or the only one)')
    .option('--cluster-cidr <cidr>', 'addresses of pods (default: as kubeadm-config says)')
    .option(
      '--service-cluster-ip-range <cidr>',
      'addresses of services (default: as kubeadm-config says)',
    )
    .option('--load-balancer-cidr <cidr>', 'addresses of load balancers that only the node has');
  addClusterFlags(rules).action(async (flags) =>
    (await import('../commands/service-rules.ts')).printServiceRules(context, withGlobals(flags)),
  );
};
