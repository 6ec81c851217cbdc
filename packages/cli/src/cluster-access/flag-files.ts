import { resolve } from 'node:path';
import { type Host, messageOf } from '@fairway/host';
import { CommandError } from '../command-error.ts';

/** A file that a flag names. */
export interface FlagFile {
  /** `--client-ca-file` */
  readonly flag: string;
  /** As it was given: relative to the working directory. */
  readonly path: string;
}

/** What is read of such a file. */
const flagFileBytesMax = 4 * 1024 * 1024;

/** Reads files that flags name, and tells what is wrong with them in one form. */
export class FlagFiles {
  readonly #host: Pick<Host, 'files' | 'environment'>;

  constructor(host: Pick<Host, 'files' | 'environment'>) {
    this.#host = host;
  }

  /** Undefined without the flag. Errors: `CommandError` with flag, file and what `parse` throws. */
  async read<Value>(
    flag: string,
    path: string | undefined,
    parse: (text: string) => Value | Promise<Value>,
  ): Promise<Value | undefined> {
    if (path === undefined) return undefined;
    const file = { flag, path };
    const text = await this.text(file);
    return this.parse(file, () => parse(text));
  }

  async text(file: FlagFile): Promise<string> {
    const { files, environment } = this.#host;
    return this.parse(file, async () => {
      const path = resolve(environment.workingDirectory, file.path);
      const bytes = await files.read(path, { bytesMax: flagFileBytesMax });
      if (bytes === undefined) throw new Error('there is no such file');
      return Buffer.from(bytes).toString();
    });
  }

  async parse<Value>(
    { flag, path }: FlagFile,
    parse: () => Value | Promise<Value>,
  ): Promise<Value> {
    try {
      return await parse();
    } catch (cause) {
      // A parser of YAML shows the lines too.
      const [why = ''] = messageOf(cause).split('\n');
      throw new CommandError(`cannot use ${flag} ${path}: ${why.replace(/:$/, '')}`, { cause });
    }
  }
}
