import { utf8 } from './bytes';
import { COSIGNER_KEY_TYPE, LOG_KEY_TYPE, signingKey } from './key';
import { NoteFault } from './note';
import { demandPossession, writePossession } from './possession';

const origin = 'inspection.example.gov.cn/events';
const witnessName = 'inspection.example.gov.cn/witness';
const log = signingKey(origin, LOG_KEY_TYPE, new Uint8Array(32).fill(7));
const other = signingKey(origin, LOG_KEY_TYPE, new Uint8Array(32).fill(8));
const witness = signingKey(witnessName, COSIGNER_KEY_TYPE, new Uint8Array(32).fill(9));

describe('a proof of possession', () => {
  it.each([log, witness])('shows that its sender can sign with the key, of a log or a witness', (key) => {
    expect(() => demandPossession(writePossession(origin, key, 1n), origin, key)).not.toThrow();
  });

  it('is of one key and one log', () => {
    const note = writePossession(origin, log, 1n);
    expect(() => demandPossession(note, origin, other)).toThrow(NoteFault);
    expect(() => demandPossession(note, 'commission.example.gov.cn/events', log)).toThrow(NoteFault);
  });

  it('lets no changed byte pass', () => {
    const note = writePossession(origin, log, 1n);
    for (let at = 0; at < note.length; at++) {
      expect(() => demandPossession(note.with(at, note[at]! ^ 1), origin, log)).toThrow();
    }
    expect(() => demandPossession(utf8(''), origin, log)).toThrow(NoteFault);
  });
});
