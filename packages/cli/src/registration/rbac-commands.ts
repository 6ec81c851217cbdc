import { namesOption } from './names-option.ts';
import type { Register } from './registration.ts';

/** Registers `rbac`. */
export const registerRbac: Register = (rbac, { context }) => {
  rbac.helpCommand(false).enablePositionalOptions();
  rbac
    .command('from-audit')
    .description('print the least roles for what somebody did, by an audit log')
    .argument('<log>', 'file of JSON lines, events of audit.k8s.io/v1')
    .option('--user <name>', 'whose requests, by the name that the log has')
    .option('--service-account <namespace/name>', 'those of a service account')
    .option('-n, --namespace <name>', 'those in a namespace, and no others')
    .addOption(namesOption('--names <keep|drop>'))
    .action(async (log: string, flags) => {
      const { rolesFromAudit } = await import('../commands/rbac-from-audit.ts');
      await rolesFromAudit(context, log, flags);
    });
};
