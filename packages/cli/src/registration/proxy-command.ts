import { addClusterFlags } from '../connection/cluster-flags.ts';
import { appendNames } from '../flag-values.ts';
import { addCallers, addFences, addFilter, addRecording, addRunning } from './proxy-flags.ts';
import type { Register } from './registration.ts';

/** Registers `proxy`, with the flags of `kubectl proxy` and their defaults. */
export const registerProxy: Register = (command, { context, withGlobals }) => {
  command
    .option('-p, --port <port>', 'where to listen; 0 picks a free port', '8001')
    .option('--address <address>', 'address to listen on', '127.0.0.1')
    .option('-u, --unix-socket <path>', 'listen on a Unix socket instead', '')
    .option('--api-prefix <path>', 'path under which the API is', '/')
    .option('-w, --www <dir>', 'folder of files to serve beside the API', '')
    .option('-P, --www-prefix <path>', 'path under which the files are', '/static/');
  addFilter(command);
  command
    .option(
      '--clusters <contexts>',
      'other contexts to offer below /clusters/NAME/, or all',
      appendNames,
    )
    .option('--no-service-hosts', 'do not offer NAME.NAMESPACE.svc.localhost and .pod.localhost')
    .option('--append-server-path', 'put the path of the server before each request');
  addCallers(command);
  addFences(command);
  addRecording(command);
  addRunning(command, {});
  addClusterFlags(command);
  command.action(async (flags) => {
    const { proxy } = await import('../commands/proxy.ts');
    const { layeredFlags } = await import('../proxy/flags-file.ts');
    const all = withGlobals(flags);
    await proxy(context, all, layeredFlags(command, all));
  });
};
