import type { Command, Option } from 'commander';
import { append, appendNames } from '../flag-values.ts';
import { namesOption } from './names-option.ts';

type MakeOption = (flags: string, text: string) => Option;

const under =
  (command: Command, heading: string): MakeOption =>
  (flags, text) =>
    command.createOption(flags, text).helpGroup(heading);

/** Which requests are let through, by where they come from and lead: the flags of `kubectl proxy`. */
export function addFilter(command: Command): void {
  command
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
    .option('--keepalive <time>', 'keep-alive of upgraded connections; 0 is 15s', '0s');
}

export function addCallers(command: Command): void {
  const option = under(command, 'Who may call:');
  command
    .addOption(option('--token-file <file>', 'only who sends one of its tokens: TOKEN,NAME lines'))
    .addOption(
      option('--allow-origin <origin>', 'web site whose pages may call and read (repeatable)')
        .argParser(append)
        .default([], 'none'),
    );
}

export function addFences(command: Command): void {
  const option = under(command, 'What callers may do:');
  const rules: MakeOption = (flags, text) =>
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

export function addRecording(command: Command): void {
  const heading = 'What they have done:';
  const option = under(command, heading);
  command
    .addOption(
      option('--record <file>', 'write the least roles for what passes; goes on with the file'),
    )
    .addOption(option('--record-for <namespace/name>', 'service account to bind them to'))
    .addOption(namesOption('--record-names <keep|drop>').helpGroup(heading));
}

/** `healthAddress`: where probes are answered when nobody says where; undefined: nowhere. */
export function addRunning(command: Command, { healthAddress }: { healthAddress?: string }): void {
  const option = under(command, 'While it runs:');
  command
    .addOption(
      option(
        '--health-address <host:port>',
        'answer /-/healthz, /-/readyz and /-/metrics there',
      ).default(healthAddress),
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
