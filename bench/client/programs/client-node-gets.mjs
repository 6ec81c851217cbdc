import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { report } from './report.mjs';

const config = new KubeConfig();
config.loadFromDefault();
const api = config.makeApiClient(CoreV1Api);
for (let i = 0; i < 200; i++) await api.readNamespacedPod({ name: 'web-0', namespace: 'default' });
report();
