import type { Command } from 'commander';
import { namedFile } from '../flag-values.ts';

/** Adds how objects lie on the disk: flags of a kube-apiserver. */
export function addEncryptionFlags(command: Command): Command {
  return command
    .optionsGroup('Encryption at rest:')
    .option(
      '--encryption-provider-config <file>',
      'which resources are encrypted on the disk, and with which keys',
      namedFile,
    )
    .option(
      '--encryption-provider-config-automatic-reload [bool]',
      'whether that file is read again when it changes',
    );
}
