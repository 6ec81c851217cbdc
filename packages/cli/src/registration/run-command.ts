import { addClusterFlags } from '../connection/cluster-flags.ts';
import type { Register } from './registration.ts';

const explanation = `
The program gets KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT and loses KUBECONFIG; token, ca.crt
and namespace of the account are in /var/run/secrets/kubernetes.io/serviceaccount, where it alone sees
them, and ~/.kube is empty for it. So it has exactly the rights of the account, in any language. The token
is renewed while the program runs; nothing of all that is left when it ends. Where nothing can be mounted
for one program alone, which takes Linux and root or user namespaces, the files are in a folder instead
that FAIRWAY_SERVICE_ACCOUNT_DIRECTORY and KUBECONFIG name.

With --as-pod it also has the variables of a container and its volumes of config maps, secrets, facts of the
pod and empty folders, each where the container has it; the command is the container's where none is given. What
only its node or its image has is named.

Signals, terminal and input are the program's, and its exit code is that of the command: 127 when there is
no such program, 126 when it may not be executed, 128 + n after signal n.`;

/** Registers `run`. */
export const registerRun: Register = (command, { context, withGlobals, onEnd }) => {
  command
    .usage(
      '--service-account NAMESPACE/NAME | --as-pod NAMESPACE/POD [flags] -- PROGRAM [ARGUMENTS...]',
    )
    .argument('[program...]', 'the program and its arguments')
    .option('--service-account <namespace/name>', 'the account whose rights the program has')
    .option(
      '--as-pod <namespace/pod>',
      'what a container of this pod has: variables, volumes, account',
    )
    .option('--container <name>', 'which container of the pod; its first one unless told')
    .option('--audience <audience>', 'for whom the token is; the API itself unless told')
    .passThroughOptions()
    .addHelpText('after', explanation);
  addClusterFlags(command);
  command.action(async (words: readonly string[], flags) => {
    const { run } = await import('../commands/run.ts');
    onEnd(await run(context, words, withGlobals(flags)));
  });
};
