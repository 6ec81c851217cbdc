import { addClusterFlags } from '../connection/cluster-flags.ts';
import { append } from '../flag-values.ts';
import type { Register } from './registration.ts';

/** Registers `auth`. */
export const registerAuth: Register = (auth, { context, withGlobals, onEnd }) => {
  auth.helpCommand(false).enablePositionalOptions();
  addClusterFlags(auth, { isHidden: true });
  const globals = (flags: object): object => withGlobals({ ...auth.opts(), ...flags });
  addClusterFlags(
    auth
      .command('whoami')
      .description('say as whom the server knows you')
      .option('-o, --output <format>', 'json, yaml, name or jsonpath=TEMPLATE'),
  ).action(async (flags) =>
    (await import('../commands/auth-whoami.ts')).whoami(context, globals(flags)),
  );
  addClusterFlags(
    auth
      .command('can-i')
      .description('say whether you may do something: 0 is yes, 1 no')
      .usage('VERB TYPE | TYPE/NAME | PATH [flags]')
      .argument('[words...]', 'as in: get pods, delete deploy/web, get /healthz')
      .option('-A, --all-namespaces', 'in every namespace')
      .option('--list', 'everything that you may do')
      .option('--no-headers', 'leave out the names of the columns')
      .option('-q, --quiet', 'print nothing: the exit code says it')
      .option('--subresource <name>', 'a part of it: log, exec, scale'),
  ).action(async (words: readonly string[], flags) =>
    onEnd(await (await import('../commands/auth-can-i.ts')).canI(context, words, globals(flags))),
  );
  addClusterFlags(
    auth
      .command('reconcile')
      .description('make roles and bindings grant what files say')
      .option(
        '-f, --filename <file>',
        'YAML or JSON of roles and bindings (repeatable)',
        append,
        [],
      )
      .option('--dry-run [strategy]', 'none, or client: say what would be done')
      .option('--remove-extra-permissions', 'take away what the files do not say of roles')
      .option('--remove-extra-subjects', 'take away subjects that the files do not name')
      .option('-o, --output <format>', 'json, yaml, name or jsonpath=TEMPLATE'),
  ).action(async (flags) => {
    const { reconcile } = await import('../commands/auth-reconcile.ts');
    await reconcile(context, { filename: [], ...globals(flags) });
  });
};
