import { append, namedFile } from '../flag-values.ts';
import type { Register } from './registration.ts';
import { evictionFlag, manifestsFlag, runtimeEndpointFlag } from './shared-flags.ts';

/** Registers `node`: this machine as a node of a cluster. */
export const registerNode: Register = (node, { context }) => {
  node
    .option('--join <url>', 'the API server: https://HOST:PORT; once joined, it need not be said')
    .option('--token <token>', 'a bootstrap token of that cluster')
    .option(
      '--discovery-token-ca-cert-hash <hash>',
      'of the certificate authority of the cluster: sha256:HEX (repeatable)',
      append,
    )
    .option(
      '--discovery-token-unsafe-skip-ca-verification',
      'believe whoever has the token to be the cluster',
    )
    .option(
      '--bootstrap-kubeconfig <file>',
      'names the cluster and a token, in place of the flags above',
      namedFile,
    )
    .option('--data-dir <dir>', 'where the node keeps everything', namedFile, '.fairway-node')
    .option(
      '--node <runtime>',
      'what runs pods: containerd, process (image: host), or auto: the first of these that the machine can (default: auto)',
    )
    .option('--node-name <name>', 'how the node is called (default: as the machine)')
    .option(
      '--node-ip <address>',
      'where others reach this machine (default: the address that leads to the API server)',
    )
    .option('--port <port>', 'where the API server asks the node; 0 picks a free one', '10250')
    .option(...manifestsFlag)
    .option(...runtimeEndpointFlag)
    .option(...evictionFlag)
    .action(async (flags) => (await import('../commands/node.ts')).node(context, flags));
};
