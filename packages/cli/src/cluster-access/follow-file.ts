import { type Host, OwnedTimers, messageOf } from '@fairway/host';

/** A file whose content counts while a cluster runs. */
export interface FollowedFile {
  /** For the log: `the authorization configuration`. */
  readonly name: string;
  readonly path: string;
  read(): Promise<string>;
  /** Makes what the file says now count. What it throws leaves all as it was. */
  take(text: string): Promise<void>;
}

/** How often is looked whether the file has changed. */
const lookEveryMs = 10_000;

/**
 * Looks at a file of known content again and again until it is disposed of, and takes what has changed.
 * One that cannot be read or taken changes nothing, and the log says why.
 */
export function followFile(
  { clock, logger }: Pick<Host, 'clock' | 'logger'>,
  known: string,
  file: FollowedFile,
): Disposable {
  const timers = new OwnedTimers(clock);
  const { name, path } = file;
  const look = async (): Promise<void> => {
    try {
      const text = await file.read();
      if (text !== known) {
        known = text;
        await file.take(text);
        logger.info(`${name} was read again`, { path });
      }
    } catch (error) {
      const reason = messageOf(error);
      logger.error(`${name} stays as it was`, { reason });
    }
    lookLater();
  };
  const lookLater = (): void => void timers.schedule(lookEveryMs, () => void look());
  lookLater();
  return timers;
}
