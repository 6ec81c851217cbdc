/** The thread that reads long YAML. An entry point: it runs when a worker is made of it. */
import { parentPort, workerData } from 'node:worker_threads';
import { type YamlLimits, decodeYaml } from './decode-yaml.ts';

// The library creates an Error for each problem; their stack traces are not used, so none are
// taken.
Error.stackTraceLimit = 0;

parentPort?.on('message', (bytes: Uint8Array) => {
  parentPort?.postMessage(decodeYaml(bytes, workerData as YamlLimits), []);
});
