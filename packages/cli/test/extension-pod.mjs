// An API server as a program of a pod: it learns from the cluster who the front proxy is, and believes nobody else.
import { readFileSync } from 'node:fs';
import { createServer, get } from 'node:https';

const account = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Asks the API as the account of the pod. */
function ask(path) {
  const options = {
    ca: readFileSync(`${account}/ca.crt`),
    headers: { authorization: `Bearer ${readFileSync(`${account}/token`, 'utf8')}` },
  };
  return new Promise((resolve, reject) => {
    const request = get(`https://kubernetes.default.svc${path}`, options, async (response) => {
      const text = (await response.toArray()).join('');
      if (response.statusCode === 200) resolve(JSON.parse(text));
      else reject(new Error(`${path}: ${response.statusCode} ${text}`));
    });
    request.on('error', reject);
  });
}

const trust = await ask(
  '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication',
);
const root = '/apis/sea.example/v1';
const verbs = ['get', 'list'];
const tides = { name: 'tides', singularName: 'tide', namespaced: false, kind: 'Tide', verbs };

function answer(path, user) {
  if (path === root) {
    const resources = [tides];
    return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: 'sea.example/v1', resources };
  }
  if (path !== `${root}/tides/high`) return undefined;
  const metadata = { name: 'high', annotations: { user, pod: process.env.HOSTNAME } };
  return { kind: 'Tide', apiVersion: 'sea.example/v1', metadata };
}

createServer(
  {
    cert: readFileSync('/certificate/tls.crt'),
    key: readFileSync('/certificate/tls.key'),
    ca: trust.data['requestheader-client-ca-file'],
    requestCert: true,
    rejectUnauthorized: false,
  },
  ({ socket, headers, url }, response) => {
    const isProxy =
      socket.authorized &&
      JSON.parse(trust.data['requestheader-allowed-names']).includes(
        socket.getPeerCertificate().subject.CN,
      );
    const found = isProxy ? answer(url.split('?')[0], headers['x-remote-user']) : undefined;
    response.writeHead(found ? 200 : isProxy ? 404 : 401, { 'content-type': 'application/json' });
    response.end(found && JSON.stringify(found));
  },
).listen(6443);
