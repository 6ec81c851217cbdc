import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { issueCertificate, makeCertificateAuthority } from '@fairway/certificates';
import { systemClock, systemRandom } from '@fairway/host/nodejs';
import { type BesideKubectl, openBesideKubectl, skipBeside } from './beside-kubectl.ts';

suite('fairway create of flags', { skip: skipBeside }, () => {
  let both: BesideKubectl;

  before(async () => {
    both = await openBesideKubectl();
    const write = (path: string, content: string | Uint8Array): Promise<void> =>
      writeFile(join(both.folder, path), content);
    await mkdir(join(both.folder, 'folder'));
    await write('text.txt', 'hello\n');
    await write('bytes', new Uint8Array([255, 0, 254]));
    await write('folder/one', 'x');
    await write('folder/two.txt', 'y');
    await write('vars.env', '# comment\nA=1\n\n B= two words \nexport.c=3\nHOME\n');
    await write('docker.json', '{"auths":{}}');
  });
  after(() => both[Symbol.asyncDispose]());

  const documents: readonly string[] = [
    'namespace x',
    'configmap a --from-literal=k=v --from-literal=a.b=c=d',
    'cm a --from-file=text.txt --from-file=key=text.txt --from-file=folder --from-file=bytes',
    'cm a --from-env-file=vars.env',
    'cm a --from-literal=k=v --append-hash',
    'cm a --append-hash',
    'secret generic s --from-literal=a=b --from-file=text.txt --type=foo',
    'secret generic s --from-file=text.txt --append-hash',
    'secret docker-registry r --docker-username=u --docker-password=p --docker-email=e@x',
    'secret docker-registry r --docker-server=https://x.io --docker-username=u --docker-password=p',
    'secret docker-registry r --from-file=.dockerconfigjson=docker.json',
    'deployment d --image=nginx --replicas=3 --port=80 -- sh -c date',
    'deploy d --image=nginx:1 --image=a.io:5000/red_is/redis@sha256:aaa',
    'job j --image=busybox -- date x',
    'cronjob c --image=b --schedule=@daily --restart=Never -- date',
    'service clusterip s --tcp=80 --tcp=443:8443',
    'service clusterip s --clusterip=None',
    'service nodeport s --tcp=80 --node-port=30001',
    'service loadbalancer s --tcp=80:http',
    'service externalname s --external-name=a.b.c --tcp=80',
    'serviceaccount a',
    'role r --verb=get,list --verb=list --resource=pods,deployments.apps,rs --resource-name=a',
    'role r --verb=get --resource=pods/log,svc',
    'clusterrole r --verb=get --non-resource-url=/logs/*,/healthz',
    'clusterrole r --aggregation-rule=a=b,c=d',
    'clusterrole r --verb=* --resource=*.*',
    'clusterrole r --verb=get --resource=nodes --non-resource-url=/x',
    'rolebinding b --role=r --user=u --user=v --group=g --serviceaccount=ns:sa',
    'rolebinding b --clusterrole=r',
    'clusterrolebinding b --clusterrole=r --user=u --serviceaccount=a:b',
    'quota q --hard=cpu=1,memory=1G,pods=2 --scopes=BestEffort',
    'quota q',
    'ingress i --rule=foo.com/bar=svc1:8080,tls=my-cert --rule=foo.com/p*=svc:http --class=x --annotation=a=b',
    'ingress i --default-backend=svc:80',
    'ing i --rule=/=s:80 --rule=*/x=s:80,tls',
    'pdb p --selector=app=x --min-available=1',
    'poddisruptionbudget p --selector=app=x --max-unavailable=50%',
    'priorityclass p --value=1000 --description=d --global-default=true --preemption-policy=Never',
  ];

  for (const line of documents) {
    test(`create ${line}`, async () => {
      const [flags = '', command] = line.split(/ (?=-- )/);
      const words = ['create', ...flags.split(' '), '--dry-run=client', '-o', 'json'];
      // The flags of the comparison have to stand before the command of a container.
      await both.sameDocument(command === undefined ? words : [...words, ...command.split(' ')]);
    });
  }

  test('what is made is the same, with the same owners, and so is what is said', async () => {
    await both.begin('made');
    for (const line of [
      'create cm a --from-file=text.txt',
      'create secret generic s --from-literal=a=b',
      'create deployment d --image=nginx',
      'create cronjob c --image=b --schedule=@daily',
      'create job j --from=cronjob/c',
      'create service clusterip s --tcp=80',
      'create sa robot',
      'create role r --verb=get --resource=pods',
      'create rolebinding b --role=r --user=u',
      'create cm b --dry-run=server',
      'create cm b -o name',
    ]) {
      await both.same(line);
    }
    await both.sameObjects('cm,secrets,deploy,cronjobs,jobs,svc,sa,roles,rolebindings');
  });

  test('a secret of a certificate needs the key that belongs to it', async () => {
    await both.begin('tls');
    const options = { validityMs: 3_600_000, clock: systemClock, random: systemRandom };
    const subject = { commonName: 'a', organizations: [] };
    const authority = await makeCertificateAuthority({ ...options, subject });
    const use = { kind: 'client' } as const;
    for (const name of ['a', 'b']) {
      const pair = await issueCertificate(authority, use, { ...options, subject });
      await writeFile(join(both.folder, `${name}.crt`), pair.certificate);
      await writeFile(join(both.folder, `${name}.key`), pair.key.reveal());
    }
    await both.same('create secret tls t --cert=a.crt --key=a.key');
    await both.sameObjects('secrets');
    for (const line of [
      'create secret tls u --cert=a.crt --key=b.key',
      'create secret tls u --cert=a.key --key=a.key',
      'create secret tls u --cert=a.crt --key=text.txt',
      'create secret tls u --cert=none --key=a.key',
    ]) {
      const { err } = await both.same({ words: line.split(' '), hasOwnErrors: true });
      assert.match(err, /a\.crt|b\.key|a\.key|text\.txt|none/);
      assert.doesNotMatch(err, /PRIVATE KEY/);
    }
  });

  test('what makes no object is refused, and says why', async () => {
    await both.begin('refused');
    for (const line of [
      'create cm',
      'create cm a b',
      'create cm a --from-file=none',
      'create cm a --from-literal=kv',
      'create cm a --from-literal=a=b --from-literal=a=c',
      'create cm a --from-literal=a/b=c',
      'create cm a --from-env-file=vars.env --from-literal=a=b',
      'create secret docker-registry r',
      'create secret tls t',
      'create deploy d',
      'create job j',
      'create job j --from=cronjob/none',
      'create job j --from=cj',
      'create cronjob c --image=b',
      'create service clusterip s',
      'create service externalname s',
      'create service nodeport s --tcp=99999',
      'create role r',
      'create role r --verb=get',
      'create role r --verb=get --resource=wombats',
      'create rolebinding b',
      'create rolebinding b --role=a --clusterrole=b',
      'create rolebinding b --role=a --serviceaccount=sa',
      'create clusterrolebinding b',
      'create quota q --hard=cpu',
      'create ingress i',
      'create ingress i --rule=bad',
      'create pdb p',
      'create pdb p --selector=a=b',
      'create pdb p --selector=a=b --min-available=x',
    ]) {
      await both.same({ words: line.split(' '), hasOwnErrors: true });
    }
  });
});
