import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suggestPort } from '@fairway/serving/testing';

/** Serves the files of `www` in `directory` over TLS, by HTTP/2 and HTTP/1.1, with the certificate there. */
export async function startNginx(
  directory: string,
): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const port = await suggestPort();
  const file = join(directory, 'nginx.conf');
  await writeFile(file, configuration(directory, port));
  const child = spawn('nginx', ['-c', file, '-p', directory, '-g', 'daemon off;'], {
    stdio: ['ignore', 'inherit', 'ignore'],
  });
  return { child, port };
}

function configuration(directory: string, port: number): string {
  return `
master_process off;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log;
events { worker_connections 4096; }
http {
  access_log off;
  default_type application/json;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  keepalive_requests 1000000000;
  server {
    listen 127.0.0.1:${port} ssl http2;
    http2_max_concurrent_streams 250;
    ssl_certificate ${directory}/server.pem;
    ssl_certificate_key ${directory}/server.key;
    root ${directory}/www;
  }
}
`;
}
