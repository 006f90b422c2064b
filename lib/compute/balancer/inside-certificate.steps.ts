import { generate } from 'selfsigned';

/** What the app balancer is called by who calls it: in its certificate and in the tiers' configuration, not in any DNS. */
export const insideName = 'app.shop.internal';

export interface MadeCertificate {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS #8, not encrypted. */
  readonly key: string;
}

/** A certificate that vouches for itself, to be pinned by who calls: EC P-256, valid for ten years, for servers alone. */
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
