import { namedFile } from '../flag-values.ts';
import type { Register } from './registration.ts';

/** Registers `envtest`. */
export const registerEnvtest: Register = (envtest, { context }) => {
  envtest
    .argument('[folder]', 'where to', namedFile, '.fairway/envtest')
    .option('-p, --print <what>', 'env: the command that exports it; path: the folder', 'env')
    .action(async (folder, flags) =>
      (await import('../commands/envtest.ts')).envtest(context, folder, flags),
    );
};
