import { chmod, lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';

/**
 * Removes the socket file that a server left behind when it was killed. Leaves alone a socket on
 * which a process listens, and any other file: listening then fails with a message.
 */
export async function prepareUnixSocket(path: string): Promise<void> {
  if ((await isSocket(path)) && !(await isAnswering(path))) await unlink(path);
}

/** Decides who may connect. */
export async function restrictUnixSocket(path: string, mode: number): Promise<void> {
  await chmod(path, mode);
}

async function isSocket(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSocket();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

function isAnswering(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(true));
    socket.once('error', (error) => resolve(!('code' in error && error.code === 'ECONNREFUSED')));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.destroy());
  });
}
