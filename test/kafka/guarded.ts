// A second listener for a test broker as a real one has it: TLS with a certificate of its own, users by SCRAM, and rights
// that have to be given.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '#chassis/free-ports';

export type Secure = { readonly users: Readonly<Record<string, string>> };
export type Guard = {
  readonly port: number;
  /** PEM file. */
  readonly certificate: string;
  /** Words for the formatting of the storage, which also makes the users. */
  readonly format: readonly string[];
  properties(ports: { readonly client: number; readonly controller: number }): Readonly<Record<string, string>>;
};

const storeWord = 'only-for-this-run';

export async function guarded(folder: string, users: Secure['users']): Promise<Guard> {
  const store = join(folder, 'broker.p12');
  const certificate = join(folder, 'broker.pem');
  const keytool = promisify(execFile);
  const where = ['-alias', 'broker', '-keystore', store, '-storetype', 'PKCS12', '-storepass', storeWord];
  const subject = ['-dname', 'CN=test broker', '-ext', 'san=ip:127.0.0.1'];
  await keytool('keytool', [
    '-genkeypair',
    '-keyalg',
    'RSA',
    '-keysize',
    '2048',
    '-validity',
    '30',
    ...subject,
    ...where,
  ]);
  await keytool('keytool', ['-exportcert', '-rfc', '-file', certificate, ...where]);
  const port = await freePort();
  return {
    port,
    certificate,
    format: Object.entries(users).flatMap(([name, password]) => [
      '--add-scram',
      `SCRAM-SHA-512=[name=${name},password=${password}]`,
    ]),
    properties: ({ client, controller }) => ({
      listeners: `PLAINTEXT://127.0.0.1:${client},SASL_SSL://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${client},SASL_SSL://127.0.0.1:${port}`,
      'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL',
      'inter.broker.listener.name': 'PLAINTEXT',
      'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
      'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config':
        'org.apache.kafka.common.security.scram.ScramLoginModule required;',
      'ssl.keystore.location': store,
      'ssl.keystore.type': 'PKCS12',
      'ssl.keystore.password': storeWord,
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      // Who comes without a name: the broker itself and the test.
      'super.users': 'User:ANONYMOUS',
    }),
  };
}
