import { EncryptionAtRest, readEncryptionConfiguration } from '@fairway/apiserver/encryption';
import { DisposalStack, type Host } from '@fairway/host';
import { CommandError } from '../command-error.ts';
import { truthOf } from '../flag-values.ts';
import { FlagFiles } from './flag-files.ts';
import { followFile } from './follow-file.ts';

/** How objects lie on the disk, by the flags of a kube-apiserver. */
export interface EncryptionFlags {
  readonly encryptionProviderConfig?: string;
  readonly encryptionProviderConfigAutomaticReload?: string | boolean;
}

const flag = '--encryption-provider-config';
const reloadFlag = '--encryption-provider-config-automatic-reload';

/** With what a store is opened; follows its file, where a flag says so, until it is disposed of. */
export interface OpenEncryption extends AsyncDisposable {
  readonly atRest: EncryptionAtRest;
}

/**
 * Without flags all is written as it is, and what was encrypted before is told of.
 *
 * Errors: `CommandError` for a file that is missing or malformed.
 */
export async function openEncryption(host: Host, flags: EncryptionFlags): Promise<OpenEncryption> {
  const { encryptionProviderConfig: path } = flags;
  const isReloaded = truthOf(reloadFlag, flags.encryptionProviderConfigAutomaticReload) ?? false;
  const atRest = new EncryptionAtRest(host.random);
  const opened = new DisposalStack();
  if (path === undefined) {
    if (isReloaded) throw new CommandError(`cannot use ${reloadFlag} without ${flag}`);
    return { atRest, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
  }
  const files = new FlagFiles(host);
  const file = { flag, path };
  const text = await files.text(file);
  const take = async (said: string): Promise<void> =>
    atRest.use(await files.parse(file, () => readEncryptionConfiguration(said)));
  await take(text);
  if (isReloaded) {
    const read = (): Promise<string> => files.text(file);
    const followed = { name: 'the configuration of encryption', path, read, take };
    const following = followFile(host, text, followed);
    opened.defer(() => following[Symbol.dispose]());
  }
  return { atRest, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}
