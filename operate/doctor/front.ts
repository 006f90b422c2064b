import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

/** The shop's address as a visitor meets it. */
export interface Front {
  readonly url: string;
  /** Undefined without TLS, which only a shop on this machine has. */
  readonly certificate: Certificate | undefined;
}

interface Certificate {
  /** Undefined if browsers trust it; else the reason why not. */
  readonly distrusted: string | undefined;
  readonly validUntil: Date;
}

const PATIENCE_MS = 10_000;

/** Resolves the name, connects and reads the certificate. @throws the system's error if any of it fails */
export async function lookAtFront(url: string): Promise<Front> {
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'https:') return { url, certificate: undefined };
  // An untrusted certificate is a finding, and no reason to stop: nothing is sent over this connection.
  const socket = connect({
    host: hostname,
    port: Number(port || 443),
    rejectUnauthorized: false,
    timeout: PATIENCE_MS,
    ...(/[a-z]/i.test(hostname) && { servername: hostname }),
  });
  socket.once('timeout', () =>
    socket.destroy(new Error(`${hostname} did not answer in ${PATIENCE_MS / 1000} s`)),
  );
  try {
    await once(socket, 'secureConnect');
    return { url, certificate: certificateOf(socket) };
  } finally {
    socket.destroy();
  }
}

function certificateOf(socket: TLSSocket): Certificate {
  const { valid_to } = socket.getPeerCertificate();
  return {
    distrusted: socket.authorized ? undefined : String(socket.authorizationError),
    validUntil: new Date(valid_to),
  };
}
