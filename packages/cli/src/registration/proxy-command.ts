import type { Command } from 'commander';
import { addClusterFlags } from '../connection/cluster-flags.ts';
import { append, appendNames } from '../flag-values.ts';
import { namesOption } from './names-option.ts';
import type { Register } from './registration.ts';

/** Registers `proxy`, with the flags of `kubectl proxy` and their defaults. */
export const registerProxy: Register = (command, { context, withGlobals }) => {
  command
    .option('-p, --port <port>', 'where to listen; 0 picks a free port', '8001')
    .option('--address <address>', 'address to listen on', '127.0.0.1')
    .option('-u, --unix-socket <path>', 'listen on a Unix socket instead', '')
    .option('--api-prefix <path>', 'path under which the API is', '/')
    .option('-w, --www <dir>', 'folder of files to serve beside the API', '')
    .option('-P, --www-prefix <path>', 'path under which the files are', '/static/')
    .option(
      '--accept-hosts <regexes>',
      'hosts that requests may name',
      '^localhost$,^127\\.0\\.0\\.1$,^\\[::1\\]$',
    )
    .option('--accept-paths <regexes>', 'paths to let through', '^.*')
    .option('--accept-origins <regexes>', 'the same as --allow-origin, by expressions', '')
    .option(
      '--reject-paths <regexes>',
      'paths to refuse even so',
      '^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach',
    )
    .option('--reject-methods <regexes>', 'methods to refuse: POST,PUT,PATCH', '^$')
    .option('--disable-filter', 'let every request through, also from any web page')
    .option('--allow-impersonation', 'pass on Impersonate-* headers of callers')
    .option('--keepalive <time>', 'keep-alive of upgraded connections; 0 is 15s', '0s')
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
  addRunning(command);
  addClusterFlags(command);
  command.action(async (flags) => {
    const { proxy } = await import('../commands/proxy.ts');
    const { layeredFlags } = await import('../proxy/flags-file.ts');
    const all = withGlobals(flags);
    await proxy(context, all, layeredFlags(command, all));
  });
};

function addCallers(command: Command): void {
  const heading = 'Who may call:';
  const option = (flags: string, text: string) =>
    command.createOption(flags, text).helpGroup(heading);
  command
    .addOption(option('--token-file <file>', 'only who sends one of its tokens: TOKEN,NAME lines'))
    .addOption(
      option('--allow-origin <origin>', 'web site whose pages may call and read (repeatable)')
        .argParser(append)
        .default([], 'none'),
    );
}

function addRunning(command: Command): void {
  const heading = 'While it runs:';
  const option = (flags: string, text: string) =>
    command.createOption(flags, text).helpGroup(heading);
  command
    .addOption(
      option('--health-address <host:port>', 'answer /-/healthz, /-/readyz and /-/metrics there'),
    )
    .addOption(
      option('--request-log <format>', 'a line for each request, on standard error').choices([
        'text',
        'json',
      ]),
    )
    .addOption(
      option('--drain-timeout <time>', 'how long requests may go on after SIGTERM').default('5s'),
    )
    .addOption(option('--config <file>', 'more flags, in YAML; read again when it changes'));
}

function addFences(command: Command): void {
  const heading = 'What callers may do:';
  const option = (flags: string, text: string) =>
    command.createOption(flags, text).helpGroup(heading);
  const rules = (flags: string, text: string) =>
    option(flags, `${text} (repeatable)`).argParser(append).default([], 'none');
  command
    .addOption(option('--read-only', 'refuse whatever may change something'))
    .addOption(
      option('--namespace-fence <names>', 'refuse what leads out of these namespaces')
        .argParser(appendNames)
        .default([], 'none'),
    )
    .addOption(rules('--allow <rule>', 'let only this through: "get,list pods.apps/web"'))
    .addOption(rules('--deny <rule>', 'refuse this: "* secrets", "create pods/*/exec"'));
}

function addRecording(command: Command): void {
  const heading = 'What they have done:';
  const option = (flags: string, text: string) =>
    command.createOption(flags, text).helpGroup(heading);
  command
    .addOption(
      option('--record <file>', 'write the least roles for what passes; goes on with the file'),
    )
    .addOption(option('--record-for <namespace/name>', 'service account to bind them to'))
    .addOption(namesOption('--record-names <keep|drop>').helpGroup(heading));
}
