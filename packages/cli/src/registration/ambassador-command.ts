import type { AmbassadorFlags } from '../commands/ambassador.ts';
import { CommandError } from '../command-error.ts';
import { addCallers, addFences, addFilter, addRecording, addRunning } from './proxy-flags.ts';
import type { Register } from './registration.ts';

/** Registers `ambassador`: the proxy as a sidecar, with the flags that mean something in a pod. */
export const registerAmbassador: Register = (command, { context, withGlobals }) => {
  command
    .option('-p, --port <port>', 'where to listen; 0 picks a free port', '8001')
    .option('--address <address>', 'address to listen on', '127.0.0.1')
    .option('-u, --unix-socket <path>', 'listen on a Unix socket instead', '');
  addFilter(command);
  command.option('--service-hosts', 'offer NAME.NAMESPACE.svc.localhost and .pod.localhost', false);
  addCallers(command);
  addFences(command);
  addRecording(command);
  // A kubelet asks at the address of the pod.
  addRunning(command, { healthAddress: '0.0.0.0:8002' });
  command.action(async (flags: AmbassadorFlags) => {
    if (Object.keys(withGlobals({})).length > 0) {
      throw new CommandError(
        'cannot use flags that name a cluster or a user with ambassador: it has both of its pod; leave them out, or use `fairway proxy`',
      );
    }
    const { ambassador } = await import('../commands/ambassador.ts');
    const { layeredFlags } = await import('../proxy/flags-file.ts');
    await ambassador(context, flags, layeredFlags(command, flags));
  });
};
