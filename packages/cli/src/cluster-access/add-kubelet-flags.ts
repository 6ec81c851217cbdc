import type { Command } from 'commander';
import { appendNames, namedFile } from '../flag-values.ts';

/** Adds the flags of a kube-apiserver that say how it reaches the kubelets of nodes. */
export function addKubeletFlags(command: Command): Command {
  return command
    .optionsGroup('Kubelets:')
    .option('--kubelet-client-certificate <file>', 'as whom kubelets are asked', namedFile)
    .option('--kubelet-client-key <file>', 'its key', namedFile)
    .option('--kubelet-certificate-authority <file>', 'who certifies kubelets', namedFile)
    .option(
      '--kubelet-preferred-address-types <types>',
      'which addresses of nodes are taken, the first ones first: Hostname, InternalDNS, InternalIP, ExternalDNS, ExternalIP',
      appendNames,
    )
    .option(
      '--kubelet-timeout <d>',
      'how long a connection may take to come about (default: "5s")',
    );
}
