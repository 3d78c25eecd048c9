import { sampleRegion } from '#testing/sample-region';
import { formatVkey } from './key';
import { parsePolicy } from './policy';
import { fingerprintOf, writePolicy } from './policy-file';

const policy = parsePolicy(sampleRegion().policy);
const shape = ({ logs, witnesses, rule }: typeof policy) => ({
  logs: logs.map(formatVkey),
  witnesses: witnesses.map(({ name, key }) => [name, formatVkey(key)]),
  rule,
});

describe('a policy that is written', () => {
  it('is read as what it was, with remarks for people before it', () => {
    const text = writePolicy(policy, ['由纪委监委提供', '指纹请另行核对']);
    expect(text.split('\n').slice(0, 2)).toEqual(['# 由纪委监委提供', '# 指纹请另行核对']);
    expect(shape(parsePolicy(text))).toEqual(shape(policy));
  });

  it('keeps groups within groups, one that needs a single witness, and the wish for none', () => {
    const [one, two, three] = policy.witnesses.map(({ name }) => ({ kind: 'witness', name }) as const);
    const inner = { kind: 'group', needed: 1, members: [two!, three!] } as const;
    for (const rule of [
      { kind: 'group', needed: 2, members: [one!, inner] } as const,
      one!,
      { kind: 'none' } as const,
    ]) {
      expect(parsePolicy(writePolicy({ ...policy, rule }, [])).rule).toEqual(rule);
    }
  });

  it('does not take the name of a witness for a group', () => {
    const witnesses = policy.witnesses.map(({ key }, n) => ({ name: `group-${n + 1}`, key }));
    const members = witnesses.map(({ name }) => ({ kind: 'witness', name }) as const);
    const rule = { kind: 'group', needed: 2, members } as const;
    expect(parsePolicy(writePolicy({ ...policy, witnesses, rule }, [])).rule).toEqual(rule);
  });

  it('is not written where a witness of the rule has no key', () => {
    expect(() => writePolicy({ ...policy, witnesses: [] }, [])).toThrow('no key is known of the witness commission');
  });

  it('is compared by the SHA-256 of each public key', () => {
    expect(fingerprintOf({ publicKey: new Uint8Array(32) })).toBe(
      '66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925',
    );
  });
});
