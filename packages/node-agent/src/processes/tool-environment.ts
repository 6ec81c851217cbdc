/** Where the programs of administrators are, which are not on everybody's path. */
export const toolPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Before a command: it is killed when whoever started it ends. */
export const diesWithParent: readonly string[] = ['setpriv', '--pdeathsig=KILL'];

/** What programs of this machine find that make a container, and nothing of what the container is given. */
export function toolEnvironment(tty: boolean): Readonly<Record<string, string>> {
  return { PATH: toolPath, SHELL: '/bin/sh', LC_ALL: 'C', ...(tty ? { TERM: 'xterm' } : {}) };
}

/** Kills a process; one that has ended already is killed. */
export function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
