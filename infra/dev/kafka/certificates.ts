/** Certificates for TLS tests, made with openssl: an authority, the broker's for loopback, and one for each client. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** PEM files. */
export interface Certificates {
  readonly ca: string;
  /** Key, certificate and authority of the broker. */
  readonly server: string;
  /** Makes a client's certificate with that common name. */
  client(name: string): { readonly cert: string; readonly key: string };
}

const DAYS = '2';

/** Makes an authority and the broker's certificate in `directory`. */
export function makeCertificates(directory: string): Certificates {
  const at = (name: string): string => join(directory, name);
  const openssl = (...args: string[]): void => { execFileSync('openssl', args, { stdio: 'pipe' }); };
  const newKey = (name: string): string[] => ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', at(`${name}.key`)];
  const sign = (name: string, extensions: string): void => {
    writeFileSync(at(`${name}.ext`), extensions);
    openssl('req', ...newKey(name), '-subj', `/CN=${name}`, '-out', at(`${name}.csr`));
    openssl('x509', '-req', '-in', at(`${name}.csr`), '-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', DAYS, '-extfile', at(`${name}.ext`), '-out', at(`${name}.crt`));
  };
  openssl('req', '-x509', ...newKey('ca'), '-subj', '/CN=test authority', '-days', DAYS, '-out', at('ca.crt'));
  sign('server', 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  writeFileSync(at('server.pem'), ['server.key', 'server.crt', 'ca.crt'].map((name) => readFileSync(at(name), 'utf8')).join(''), { mode: 0o600 });
  return {
    ca: at('ca.crt'), server: at('server.pem'),
    client: (name) => {
      sign(name, 'extendedKeyUsage=clientAuth\n');
      return { cert: at(`${name}.crt`), key: at(`${name}.key`) };
    },
  };
}
