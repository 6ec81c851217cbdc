import type { Command } from 'commander';
import { appendNames, namedFile } from '../flag-values.ts';

/** Adds the flags of a kube-apiserver that say who decides what users may do. */
export function addAuthorizationFlags(command: Command): Command {
  return command
    .optionsGroup('Authorization:')
    .option(
      '--authorization-mode <modes>',
      'in this order: Node, RBAC, Webhook, AlwaysAllow, AlwaysDeny (default: "Node,RBAC")',
      appendNames,
    )
    .option(
      '--authorization-config <file>',
      'an AuthorizationConfiguration in place of the others, read again when it changes',
      namedFile,
    )
    .option('--authorization-webhook-config-file <file>', 'a kubeconfig of the webhook', namedFile)
    .option('--authorization-webhook-version <v>', 'of its reviews: v1 or v1beta1 (default)')
    .option('--authorization-webhook-cache-authorized-ttl <d>', 'a yes holds (default: "5m")')
    .option('--authorization-webhook-cache-unauthorized-ttl <d>', 'a no holds (default: "30s")');
}
