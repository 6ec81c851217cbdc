import type { WriteStream } from 'node:tty';
import type { Output } from './output.ts';
import { visibleText } from './visible-text.ts';

/**
 * The output of this process. `onClosed` is called when the reader has gone, as in `fairway get
 * pods | head -1`.
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
    write: writerTo(stdout),
    writeError: writerTo(stderr),
    writeStyled: (text) => writeTo(stdout, text),
    passOn: (where, bytes) => writeTo(where === 'out' ? stdout : stderr, bytes),
    hasColors: stdout.isTTY === true && stdout.hasColors(),
  };
}

/** As `kubectl` escapes its tables, so everything here is escaped that a terminal shows. */
function writerTo(stream: WriteStream): (text: string | Uint8Array) => Promise<void> {
  if (stream.isTTY !== true) return (text) => writeTo(stream, text);
  const decoder = new TextDecoder();
  return (text) => {
    const decoded = typeof text === 'string' ? text : decoder.decode(text, { stream: true });
    return writeTo(stream, visibleText(decoded));
  };
}

function writeTo(stream: WriteStream, text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
