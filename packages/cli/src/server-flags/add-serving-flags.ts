import type { Command } from 'commander';
import { namedFile } from '../flag-values.ts';

/** Adds where a server listens and what it shows there: flags of a kube-apiserver. */
export function addServingFlags(command: Command): Command {
  return command
    .optionsGroup('Serving:')
    .option('--bind-address <ip>', 'where to listen: one address, or 0.0.0.0 or :: for all')
    .option('--secure-port <port>', 'the port there')
    .option('--advertise-address <ip>', 'where other servers and pods reach it')
    .option(
      '--cert-dir <dir>',
      'its certificate and key: apiserver.crt and apiserver.key, made when neither is there',
      namedFile,
    )
    .option('--tls-cert-file <file>', 'its certificate in PEM, then its intermediates', namedFile)
    .option('--tls-private-key-file <file>', 'the key of --tls-cert-file', namedFile);
}
