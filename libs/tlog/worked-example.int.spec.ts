// The example that docs/spec/log.md prints: whoever writes another implementation compares byte by byte, so the page
// and this test hold the same text.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleEntry } from '#testing/sample-log';
import { fromUtf8, toBase64, toHex, utf8 } from './bytes';
import { addSignatures, openCheckpoint, signCheckpoint } from './checkpoint';
import { cosign } from './cosignature';
import { COSIGNER_KEY_TYPE, formatVkey, LOG_KEY_TYPE, parseVkey, signingKey } from './key';
import { Frontier, leafHash, proveConsistency, proveInclusion } from './merkle';
import { parseNote } from './note';
import { verifyProofFile, writeProofFile } from './proof-file';
import { growthFiles, tileHashReader } from './tile';

const page = readFileSync(join(__dirname, '../../docs/spec/log.md'), 'utf8');
const log = signingKey('inspection.example.gov.cn/events', LOG_KEY_TYPE, new Uint8Array(32).fill(7));
const witness = signingKey('commission.example.gov.cn/witness', COSIGNER_KEY_TYPE, new Uint8Array(32).fill(9));
const entries = ['a', 'b', 'c'].map(utf8);
const leaves = entries.map(leafHash);
const files = growthFiles(
  0n,
  3n,
  (_level, n) => leaves[Number(n)]!,
  (index) => entries[Number(index)]!,
);
const hashAt = (size: bigint) => tileHashReader(size, (_l, _n, width) => Buffer.concat(leaves).subarray(0, width * 32));
const roots = [1, 2, 3].map((size) => {
  const frontier = Frontier.empty();
  leaves.slice(0, size).forEach((leaf) => frontier.append(leaf));
  return frontier.root();
});
const signed = signCheckpoint({ origin: log.name, size: 3n, root: roots[2]! }, log);
const note = parseNote(signed);
const cosigned = addSignatures(note, cosign(note.text, 1_767_139_200n, witness));

const CHECKPOINT = `inspection.example.gov.cn/events
3
NmQuc8JUCrEh46a/lUWwokmCzYMOsT080Z3jzmwCHsE=

— inspection.example.gov.cn/events WZqXkazoPsPd9sPipEzAmFFfbuG2kFcYP4QnH0/CsG+if9U/OizaSqN6XY19fqUr9caRRzBDGaHSn5dONff+rzvtLw8=
— commission.example.gov.cn/witness PZ9kbAAAAABpVGeAjyyBU+DaEGkJdspMrs75uqprOWjPecKlU2lylop10onmg45ru3LHx6ojUgt/LOZ4vRJhyJqUwGDy2AivmaxuBA==
`;

describe('the worked example', () => {
  it('has these keys', () => {
    expect(formatVkey(log)).toBe(
      'inspection.example.gov.cn/events+599a9791+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs',
    );
    expect(formatVkey(witness)).toBe(
      'commission.example.gov.cn/witness+3d9f646c+BP0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY',
    );
  });

  it('has these leaves and roots', () => {
    expect(toHex(leaves[0]!)).toBe('022a6979e6dab7aa5ae4c3e5e45f7e977112a7e63593820dbec1ec738a24f93c');
    expect(toHex(leaves[1]!)).toMatch(/^57eb3561.*6a31$/);
    expect(toHex(leaves[2]!)).toMatch(/^597fcb31.*76d8$/);
    expect(roots.map(toHex)).toEqual([
      '022a6979e6dab7aa5ae4c3e5e45f7e977112a7e63593820dbec1ec738a24f93c',
      'b137985ff484fb600db93107c77b0365c80d78f5b429ded0fd97361d077999eb',
      '36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1',
    ]);
  });

  it('has this bundle and this tile', () => {
    expect(files.map(({ path }) => path)).toEqual(['tile/entries/000.p/3', 'tile/0/000.p/3']);
    expect(toHex(files[0]!.bytes)).toBe('000161000162000163');
    expect(toHex(files[1]!.bytes)).toBe(leaves.map(toHex).join(''));
  });

  it('has these proofs', () => {
    expect(proveInclusion(1n, 3n, hashAt(3n)).map(toBase64)).toEqual([
      'Aippeebat6pa5MPl5F9+l3ESp+Y1k4INvsHsc4ok+Tw=',
      'WX/LMSgtNGVMIA00GPylcFxkjr8ybsc9jd7xGEH4dtg=',
    ]);
    expect(proveInclusion(2n, 3n, hashAt(3n)).map(toBase64)).toEqual(['sTeYX/SE+2ANuTEHx3sDZcgNePW0Kd7Q/Zc2HQd5mes=']);
    expect(proveConsistency(2n, 3n, hashAt(3n)).map(toBase64)).toEqual([
      'WX/LMSgtNGVMIA00GPylcFxkjr8ybsc9jd7xGEH4dtg=',
    ]);
    expect(proveConsistency(1n, 3n, hashAt(3n)).map(toBase64)).toEqual([
      'V+s1YV1H807HFMrN9f10YIpejhAnJOgLJLKHwMJ7ajE=',
      'WX/LMSgtNGVMIA00GPylcFxkjr8ybsc9jd7xGEH4dtg=',
    ]);
  });

  it('has this cosigned checkpoint, byte for byte', () => {
    expect(fromUtf8(cosigned)).toBe(CHECKPOINT);
    const opened = openCheckpoint(utf8(CHECKPOINT), parseVkey(formatVkey(log)), [parseVkey(formatVkey(witness))]);
    expect(opened).toMatchObject({ origin: log.name, size: 3n, root: roots[2] });
    expect(opened.cosignatures.map(({ key, time }) => [key.name, time])).toEqual([[witness.name, 1_767_139_200n]]);
  });

  it('has this proof file, which proves its entry and no other', () => {
    const file = writeProofFile({ index: 1n, proof: proveInclusion(1n, 3n, hashAt(3n)), checkpoint: cosigned });
    const [head] = fromUtf8(file).split(CHECKPOINT);
    expect(head).toBe(
      'c2sp.org/tlog-proof@v1\nindex 1\n' +
        'Aippeebat6pa5MPl5F9+l3ESp+Y1k4INvsHsc4ok+Tw=\nWX/LMSgtNGVMIA00GPylcFxkjr8ybsc9jd7xGEH4dtg=\n\n',
    );
    expect(verifyProofFile(file, entries[1]!, log, [witness])).toMatchObject({ index: 1n, size: 3n });
    expect(() => verifyProofFile(file, entries[2]!, log, [witness])).toThrow('is not number 1');
    expect(page).toContain(fromUtf8(file));
  });

  it('begins with an entry of this form', () => {
    expect(page).toContain(`, ${sampleEntry(1).length} bytes:\n\n\`\`\`json\n${fromUtf8(sampleEntry(1))}\n`);
  });

  it('stands on the page in the same bytes', () => {
    for (const text of [CHECKPOINT, formatVkey(log), formatVkey(witness), ...[...leaves, ...roots].map(toHex)]) {
      expect(page).toContain(text);
    }
    for (const proof of [proveInclusion(2n, 3n, hashAt(3n)), proveConsistency(1n, 3n, hashAt(3n))].flat()) {
      expect(page).toContain(toBase64(proof));
    }
  });
});
