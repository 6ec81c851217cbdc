import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { toolEnvironment } from '../tool-environment.ts';

/**
 * Runs commands of `ip` in their order, up to one that fails.
 *
 * `enter`: by what it gets to another network. Errors: what `ip` says.
 */
export async function runIp(
  commands: readonly string[],
  enter: readonly string[] = [],
): Promise<void> {
  const [file = '', ...args] = [...enter, 'ip', '-batch', '-'];
  const child = spawn(file, args, {
    env: toolEnvironment(false),
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  child.stdin.on('error', () => {}); // It has ended, and says why.
  child.stdin.end(`${commands.join('\n')}\n`);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  const [said, code] = await Promise.all([text(child.stderr), ended]);
  if (code !== 0) throw new Error(`ip: ${said.trim().split('\n')[0] ?? ''}`);
}
