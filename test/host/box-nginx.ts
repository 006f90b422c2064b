import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cleanup } from '../support/cleanup';
import { type Box, type BoxPorts, certificateFor, environment } from './support';

/** Starts nginx with the very configuration of the box, and a certificate for this name. */
export function startBoxNginx(box: Box, ports: BoxPorts, name: string): ChildProcess {
  const { certificate, key } = certificateFor(name);
  box.write('etc/shop/tls/current/certificate.pem', certificate);
  box.write('etc/shop/tls/current/key.pem', key);
  const conf = box.nginx(ports, name);
  execFileSync('nginx', ['-t', '-q', '-c', conf], { env: environment() });
  const nginx = spawn('nginx', ['-c', conf, '-g', 'daemon off;'], { env: environment(), stdio: 'ignore' });
  cleanup(async () => {
    if (nginx.kill()) await once(nginx, 'exit');
  });
  return nginx;
}
