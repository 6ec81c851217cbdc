import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

const file = '/usr/bin/chromium';

/** Why a test is skipped that needs Debian's browser; in CI it is there. */
export async function skipWithoutChromium(): Promise<string | false> {
  const found = await promisify(execFile)(file, ['--version']).then(
    () => true,
    () => false,
  );
  return !found && process.env['CI'] === undefined && `no ${file}`;
}

/** Starts it. `names`: hosts that are on this machine, for this browser alone. */
export function openChromium(names: readonly string[] = []): Promise<Browser> {
  const rules = names.map((name) => `MAP ${name} 127.0.0.1`).join(',');
  return chromium.launch({
    executablePath: file,
    // As root it has no sandbox of its own.
    args: ['--no-sandbox', '--disable-gpu', `--host-resolver-rules=${rules}`],
  });
}
