import { type AnsweredRequest, RecordedRights, type Subject } from '@fairway/access';
import { type Host, type Logger, OwnedTimers } from '@fairway/host';
import { type RoleFile, formatRoleFile, readRoleFile, rightsMax } from './role-file.ts';

export interface RecordingOptions {
  readonly path: string;
  readonly keepsNames: boolean;
  /** For whom roles are bound when the file does not say it. */
  readonly subject: Subject;
}

/** How long news waits for more of it before the file is written. */
const writeAfterMs = 1_000;

const notes = [
  'The least roles for what passed fairway proxy, for kubectl apply. It is read and written anew by each',
  'run with --record: rules, subjects and other objects stay, comments do not.',
];
const fullNote = `There were more than ${rightsMax} rights: those after them are not in the roles.`;

/**
 * A file of roles that grows with what passes a proxy. Disposing of it writes what is not written yet; errors:
 * the system's, as the file cannot be written.
 */
export class Recording implements AsyncDisposable {
  readonly #parts: Pick<Host, 'files'> & { readonly logger: Logger };
  readonly #options: RecordingOptions;
  readonly #known: RoleFile;
  readonly #rights: RecordedRights;
  readonly #timers: OwnedTimers;
  #isWaiting = false;
  #written: string;
  #writing: Promise<void> = Promise.resolve();

  /** Goes on with a file that is there. Errors: `CommandError` when it cannot be read as one. */
  static async open(
    host: Pick<Host, 'files' | 'clock'>,
    logger: Logger,
    options: RecordingOptions,
  ): Promise<Recording> {
    const bytes = await host.files.read(options.path);
    const text = bytes === undefined ? '' : Buffer.from(bytes).toString();
    return new Recording(host, logger, options, text);
  }

  private constructor(
    { files, clock }: Pick<Host, 'files' | 'clock'>,
    logger: Logger,
    options: RecordingOptions,
    text: string,
  ) {
    this.#parts = { files, logger };
    this.#options = options;
    this.#written = text;
    this.#known = readRoleFile(options.path, text);
    this.#rights = new RecordedRights({ keepsNames: options.keepsNames, rightsMax });
    this.#rights.addRefusals(this.#known.refusals);
    this.#timers = new OwnedTimers(clock);
  }

  take(request: AnsweredRequest): void {
    if (!this.#rights.add(request) || this.#isWaiting) return;
    this.#isWaiting = true;
    this.#timers.schedule(writeAfterMs, () => {
      this.#isWaiting = false;
      this.#write().catch((error: unknown) => {
        const { path } = this.#options;
        this.#parts.logger.error('the recorded roles cannot be written', { path, error });
      });
    });
  }

  /** Whether the last text is in the file; one after the other, so that an older one never comes last. */
  #write(): Promise<void> {
    const writing = this.#writing.catch(() => {}).then(() => this.#writeNow());
    this.#writing = writing;
    return writing;
  }

  async #writeNow(): Promise<void> {
    const text = this.#format();
    if (text === this.#written) return;
    await this.#parts.files.write(this.#options.path, Buffer.from(text));
    this.#written = text;
  }

  #format(): string {
    const { rules, others, subjects = [this.#options.subject] } = this.#known;
    return formatRoleFile({
      rules: [...rules, ...this.#rights.rights],
      subjects,
      refusals: [...this.#rights.refusals],
      others,
      notes: this.#rights.isFull ? [...notes, fullNote] : notes,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timers[Symbol.dispose]();
    await this.#write();
  }
}
