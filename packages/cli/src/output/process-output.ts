import type { WriteStream } from 'node:tty';
import type { Output } from './output.ts';

/**
 * The output of this process. `onClosed` is called when nobody reads any more, as in
 * `fairway get pods | head -1`.
 */
export function processOutput(
  streams: { readonly stdout: WriteStream; readonly stderr: WriteStream },
  { onClosed }: { readonly onClosed: () => void },
): Output {
  const { stdout, stderr } = streams;
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error) => {
      if ('code' in error && error.code === 'EPIPE') onClosed();
      else throw error;
    });
  }
  return {
    write: (text) => writeTo(stdout, text),
    writeError: (text) => writeTo(stderr, text),
    isTerminal: stdout.isTTY === true,
    hasColors: stdout.isTTY === true && stdout.hasColors(),
  };
}

function writeTo(stream: WriteStream, text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
