import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { appendNames, namedFile } from '../flag-values.ts';
import { addKubeApiserverFlags } from '../cluster/add-kube-apiserver-flags.ts';
import { defaultServiceRange } from '../server-flags/service-range.ts';

/** Adds `envtest`, and what the programs start that it writes. */
export function addEnvtestCommands(program: Command, context: CommandContext): void {
  program
    .command('envtest')
    .description('write an etcd and a kube-apiserver for KUBEBUILDER_ASSETS, which run Fairway')
    .argument('[folder]', 'where to', namedFile, '.fairway/envtest')
    .option('-p, --print <what>', 'env: the command that exports it; path: the folder', 'env')
    .action(async (folder, flags) =>
      (await import('../commands/envtest.ts')).envtest(context, folder, flags),
    );
  addEtcd(program, context);
  addKubeApiserver(program, context);
}

function addEtcd(program: Command, context: CommandContext): void {
  program
    .command('etcd', { hidden: true })
    .description('stands in for etcd in a test environment: keeps nothing, answers /health')
    .option('--data-dir <dir>', 'where the kube-apiserver beside it keeps objects', 'default.etcd')
    .option('--listen-client-urls <urls>', 'where to answer', (text: string) => appendNames(text), [
      'http://localhost:2379',
    ])
    .option('--unsafe-no-fsync [bool]', 'writes do not wait for the disk')
    .option('--advertise-client-urls <urls>', 'of no use here, as those that follow')
    .option('--listen-peer-urls <urls>', '')
    .option('--initial-advertise-peer-urls <urls>', '')
    .option('--initial-cluster <members>', '')
    .option('--name <name>', '')
    .option('--wal-dir <dir>', '')
    .action(async (flags) => (await import('../commands/etcd.ts')).etcd(context, flags));
}

function addKubeApiserver(program: Command, context: CommandContext): void {
  const command = program
    .command('kube-apiserver', { hidden: true })
    .description('stands in for kube-apiserver in a test environment: the API, no controllers')
    .option('--etcd-servers <urls>', 'the etcd that `fairway envtest` writes')
    .option('--service-cluster-ip-range <cidr>', 'addresses for services', defaultServiceRange)
    .option('-v, --v <level>', 'of no use here: warnings and errors are logged at every level');
  addKubeApiserverFlags(command);
  command.action(async (flags) =>
    (await import('../commands/kube-apiserver.ts')).kubeApiserver(context, flags),
  );
}

/**
 * The flags of a Go program as this command reads them: etcd takes `-data-dir` as well, and kube-apiserver
 * `--cert_dir`.
 */
export function asLongFlags(words: readonly string[]): readonly string[] {
  const [first = '', ...flags] = words;
  if (first !== 'etcd' && first !== 'kube-apiserver') return words;
  return [
    first,
    ...flags.map((word) => {
      const flag = first === 'etcd' ? word.replace(/^-(?=[a-z]{2})/, '--') : word;
      return flag.replace(/^--[^=]*/, (name) => name.replaceAll('_', '-'));
    }),
  ];
}
