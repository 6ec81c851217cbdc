import { appendNames } from '../flag-values.ts';
import type { Register } from './registration.ts';

/** Registers `etcd`, which `envtest` writes a program for. */
export const registerEtcd: Register = (command, { context }) => {
  command
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
};
