import type { Register } from './registration.ts';
import { dataDirFlag } from './shared-flags.ts';

/** Registers `image`: images for the pods of a cluster that no registry has, or that cannot be reached. */
export const registerImage: Register = (image, { context }) => {
  image.helpCommand(false);
  image
    .command('load')
    .argument('<file|folder>', 'an OCI layout, or an archive as `docker save` writes it')
    .description('take the images of an archive; pods find them under their names')
    .option('--name <name>', 'the name of the image, instead of that in the archive')
    .option(...dataDirFlag)
    .action(async (path, flags) =>
      (await import('../commands/image.ts')).loadImage(context, path, flags),
    );
  image
    .command('ls')
    .description('list the images that were loaded')
    .option(...dataDirFlag)
    .action(async (flags) => (await import('../commands/image.ts')).listImages(context, flags));
  image
    .command('rm')
    .argument('<name...>')
    .description('forget images that were loaded; a node keeps what its pods have used')
    .option(...dataDirFlag)
    .action(async (names, flags) =>
      (await import('../commands/image.ts')).removeImages(context, names, flags),
    );
};
