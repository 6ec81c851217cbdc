/** Preloaded (`--import`): prints on stderr, at the end, what the process has loaded. */
import { registerHooks } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const loaded = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});
if (isMainThread) {
  process.on('exit', () => {
    process.stderr.write([...loaded, ...process.moduleLoadList].join('\n'));
  });
}
