import { generate } from 'selfsigned';

/** The app balancer's name in its certificate and in the configuration of its clients; it is not in DNS. */
export const insideName = 'app.shop.internal';

export interface MadeCertificate {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS #8, not encrypted. */
  readonly key: string;
}

/** A self-signed certificate that clients pin: EC P-256, valid for ten years, server authentication only. */
export async function makeCertificate(name: string): Promise<MadeCertificate> {
  const notBeforeDate = new Date();
  const notAfterDate = new Date(notBeforeDate);
  notAfterDate.setUTCFullYear(notAfterDate.getUTCFullYear() + 10);
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate,
    notAfterDate,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: name }] },
    ],
  });
  return { certificate: `${cert.trim()}\n`, key: `${key.trim()}\n` };
}
