// A copy of whole events opens for its maker alone, in its own place, and does not tell how much happened.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Recorded } from '#store/append-all';
import { cipherOf } from '../ciphers/by-name';
import type { Cipher } from '../ciphers/cipher';
import { CopyFault, openCopy, placeOfCopy, sealCopy } from './copy';

const key = new Uint8Array(32).fill(7);
const place = { origin: 'commission.sanfang.example/events/v1', from: 3n, next: 5n };
const event = (nth: number, text = '整改'): Recorded => ({
  id: `00000000-0000-4000-8000-00000000000${nth}`,
  type: 'Noted',
  stream: 'note-1',
  revision: BigInt(nth),
  at: '2026-12-01T08:00:00.000Z',
  data: { text },
  meta: {
    actor: { agency: 'commission', id: 'a', name: '甲', role: 'clerk' },
    commandId: '00000000-0000-4000-8000-000000000009',
    seen: {},
    salt: 'c2FsdA',
  },
});
const events = [event(0), event(1), event(2)];

describe.each(['intl', 'gm'] as const)('a copy in profile %s', (profile) => {
  const cipher = cipherOf(profile);
  const sealed = sealCopy(place, events, key, cipher);

  it('comes back as it was, by any of the keys of its maker', () => {
    expect(placeOfCopy(sealed)).toEqual({ from: 3n, next: 5n });
    expect(openCopy(place.origin, sealed, [new Uint8Array(32), key])).toEqual(events);
  });

  it('does not open for another key, log or place, nor with any bit changed', () => {
    const refused = (origin: string, bytes: Uint8Array, by = key) => {
      expect(() => openCopy(origin, bytes, [by])).toThrow(CopyFault);
    };
    refused(place.origin, sealed, new Uint8Array(32));
    refused('organization.sanfang.example/events/v1', sealed);
    const head = Buffer.from(sealed).indexOf(10);
    refused(place.origin, Buffer.concat([Buffer.from(`sanfang/copy/v1 ${cipher.name} 3 6`), sealed.subarray(head)]));
    for (let at = 0; at < sealed.length; at += 61) {
      const changed = Uint8Array.from(sealed);
      changed[at]! ^= 1;
      refused(place.origin, changed);
    }
    refused(place.origin, sealed.subarray(0, -1));
    refused(place.origin, new Uint8Array());
  });

  it('shows neither its text nor, within 4 KiB, its length', () => {
    expect(Buffer.from(sealed).includes('整改')).toBe(false);
    expect(sealCopy(place, [...events, event(3)], key, cipher)).toHaveLength(sealed.length);
    expect(sealCopy(place, [event(0, '改'.repeat(2_000))], key, cipher)).toHaveLength(sealed.length + 4_096);
  });
});

it('is described by an example that opens (docs/spec/copies.md)', () => {
  const spec = readFileSync(join(__dirname, '../../../docs/spec/copies.md'), 'utf8');
  const [head] = /^sanfang\/copy\/v1 .*$/m.exec(spec) as unknown as [string];
  const lines = /```json\n([^`]*)```/.exec(spec)?.[1] as string;
  // The example is the text before sealing; a cipher that hides nothing shows where it stands.
  const bare: Cipher = { ...cipherOf('intl'), seal: (_key, plain) => plain };
  const written = Buffer.from(sealCopy({ ...place, from: 0n, next: 1n }, [event(0)], key, bare)).toString('utf8');
  expect(written.replace(/\0+$/, '')).toBe(`${head}\n${lines}`);
});
