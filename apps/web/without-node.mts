// For both builds of the browser's code: they check logs by the services' own code, of which only hashing and signatures
// have a form without Node.
import { fileURLToPath } from 'node:url';

const tlog = fileURLToPath(new URL('../../libs/tlog/', import.meta.url));

export const withoutNode = {
  name: 'tlog-without-node',
  enforce: 'pre' as const,
  resolveId(source: string, importer?: string) {
    const own = importer !== undefined && importer.startsWith(tlog);
    const [, file] = /^#tlog\/(sha256|ed25519)$/.exec(own ? source.replace('./', '#tlog/') : source) ?? [];
    return file === undefined ? null : `${tlog}browser/${file}.ts`;
  },
};
