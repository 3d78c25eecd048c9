// The checker on histories written by hand: each says one thing that must not be, and the rule that says so.
import type { Agency } from '#kernel/envelope';
import { COSIGNER_KEY_TYPE, formatVkey, LOG_KEY_TYPE, signingKey } from '#tlog/key';
import type { Append, Happening, Place, Read, Run, StoredEvent } from '../history';
import { demandOutcomes, demandRevisions, demandRights } from './appends';
import type { Finding } from './finding';
import { demandKnowledge, demandSecrecy } from './known';
import { demandOrder } from './logs';
import { demandSerial } from './serial';

const key = signingKey('inspection.example/events/v1', LOG_KEY_TYPE, new Uint8Array(32).fill(1));
const witnessKey = signingKey('inspection.example/witness/v1', COSIGNER_KEY_TYPE, new Uint8Array(32).fill(2));
const nobody = { what: 'append', stream: 's-1', command: 'Do', commandId: 'c1', wish: 'w1', allowed: true } as const;

function place(agency: Agency, events: readonly StoredEvent[], more: Partial<Place> = {}): Place {
  const entries = events.flatMap(({ entry }) => (entry === undefined ? [] : [Buffer.from(entry)]));
  return {
    agency,
    origin: `${agency}.example/events/v1`,
    ...{ vkey: formatVkey(key), witnessVkey: formatVkey(witnessKey), events },
    log: { entries, notes: [], files: new Map() },
    ...{ inboxes: [], views: {}, taken: {}, cosigned: [], cosignedBefore: 0, finals: [], knew: [], acted: [] },
    ...more,
  };
}

/** Event number `n` of its store, in stream s-1. */
function event(n: number, more: Partial<StoredEvent> = {}): StoredEvent {
  const id = `e${n}`;
  const published = { id } as unknown as NonNullable<StoredEvent['published']>;
  const base = { position: n, id, stream: 's-1', revision: n - 1, commandId: `c${n}`, seen: {}, append: n };
  return { ...base, entry: JSON.stringify({ id }), published, ...more };
}

let ops = 0;
function append(kind: Happening['kind'], asked: Partial<Append> = {}, more: Partial<Happening> = {}): Happening {
  return { kind, op: ops++, session: 's1', agency: 'inspection', asked: { ...nobody, ...asked }, ...more };
}

const list = 'inspection.example/events/v1\ns-1';
function read(ids: readonly string[], asked: Partial<Read> = {}, session = 's1'): Happening {
  const of = { what: 'read', of: 'own', keys: [list], ...asked } as const;
  return { kind: 'ok', op: ops++, session, agency: 'inspection', asked: of, seen: { [list]: ids } };
}

function run(places: readonly Place[], history: readonly Happening[] = [], more: Partial<Run> = {}): Run {
  return { history, places, audited: [], liars: [], secrets: [], sent: [], ...more };
}

const one = (events: readonly StoredEvent[], ...history: Happening[]): Run =>
  run([place('inspection', events)], history);
const said = (findings: readonly Finding[]): string[] => findings.map(({ rule, sentence }) => `${rule} ${sentence}`);

describe('C1: what was answered', () => {
  const ok = append('ok', {}, { revision: 0, position: 1 });
  it('is stored', () =>
    expect(said(demandOutcomes(one([], ok)))).toEqual(['C1 a command was answered and is lost: Do of s-1']));
  it('stands where it was said to stand', () => {
    expect(said(demandOutcomes(one([event(1, { revision: 3 })], ok)))[0]).toMatch('stands elsewhere');
  });
  it('is stored once', () => {
    const twice = [event(1), event(2, { commandId: 'c1' })];
    expect(said(demandOutcomes(one(twice, ok)))[0]).toMatch('one command took effect more than once');
  });
  it('is done once, under whatever ids it was asked again', () => {
    const again = append('ok', { commandId: 'c2' }, { revision: 1, position: 2 });
    expect(said(demandOutcomes(one([event(1), event(2)], ok, again)))[0]).toMatch(
      'one wish took effect more than once',
    );
  });
  it('is not stored when it was refused', () => {
    expect(said(demandOutcomes(one([event(1)], append('fail'))))[0]).toMatch('was refused and yet took effect');
  });
  it('may be stored or not when nobody knows', () => {
    expect(demandOutcomes(one([event(1)], append('info')))).toEqual([]);
    expect(demandOutcomes(one([], append('info'), append('fail')))).toEqual([]);
    expect(demandOutcomes(one([event(1)], ok))).toEqual([]);
  });
});

describe('C2: revisions', () => {
  it('are dense', () =>
    expect(said(demandRevisions(one([event(1), event(2, { revision: 2 })])))[0]).toMatch(
      'revision 1 of s-1 is not there',
    ));
  it('keep an append in one piece', () => {
    const torn = [event(1, { append: 1 }), event(2, { append: 2 }), event(3, { append: 1 })];
    expect(said(demandRevisions(one(torn)))).toEqual(['C2 inspection: an append does not lie in one piece']);
  });
  it('let one of two win that looked at the same', () => {
    const both = [append('ok', { commandId: 'c2', expected: 0 }), append('ok', { commandId: 'c3', expected: 0 })];
    expect(said(demandRevisions(one([event(1), event(2), event(3)], ...both)))).toEqual([
      'C2 Do was decided on revision 0 of s-1 and stands at 2: what came between is overridden',
    ]);
  });
});

describe('C4: a log', () => {
  it('holds what its store shows, in that order, and nothing else', () => {
    const events = [event(1), event(2), event(3)];
    const log = (ids: readonly string[]) => ({
      entries: ids.map((id) => Buffer.from(JSON.stringify({ id }))),
      notes: [],
      files: new Map(),
    });
    const of = (...ids: string[]): string[] => said(demandOrder(run([place('inspection', events, { log: log(ids) })])));
    expect(of('e1', 'e2', 'e3')).toEqual([]);
    expect(of('e1', 'e3')[0]).toMatch('lacks what the store shows, first at entry 1');
    expect(of('e1', 'e3', 'e2')[0]).toMatch('has another order than the store, first at entry 1');
    expect(of('e1', 'e2', 'e3', 'e4')[0]).toMatch('holds more than the store shows');
  });
});

describe('C6: knowledge', () => {
  const origin = 'commission.example/events/v1';
  it('is of what was held when it was said', () => {
    const events = [event(1, { seen: { [origin]: 3 } })];
    const knew = (held: number) =>
      run([place('inspection', events, { knew: [{ id: 'e1', held: { [origin]: held } }] })]);
    expect(demandKnowledge(knew(3))).toEqual([]);
    expect(said(demandKnowledge(knew(2)))).toEqual([
      `C6 inspection says it had seen 3 entries of ${origin} and held 2`,
    ]);
  });
  it('comes before what is done because of it', () => {
    const acted = [{ on: 'x', cause: { origin, index: 2 }, held: { [origin]: 2 } }];
    expect(said(demandKnowledge(run([place('inspection', [], { acted })])))[0]).toMatch('acted on entry 2');
  });
});

describe('C7: reads', () => {
  const events = [event(1), event(2, { append: 2 }), event(3, { append: 2, commandId: 'c2' }), event(4, { append: 3 })];
  it('show nothing that was never stored', () =>
    expect(said(demandSerial(one(events, read(['e1', 'x']))))[0]).toMatch('G1a'));
  it('show no part of an append', () => expect(said(demandSerial(one(events, read(['e1', 'e2']))))[0]).toMatch('G1b'));
  it('show all that came before', () =>
    expect(said(demandSerial(one(events, read(['e1', 'e4']))))[0]).toMatch('not all of it'));
  it('never show less than before', () => {
    expect(said(demandSerial(one(events, read(['e1', 'e2', 'e3']), read(['e1']))))).toEqual([
      expect.stringMatching('non-monotonic read'),
    ]);
    expect(demandSerial(one(events, read(['e1', 'e2', 'e3']), read(['e1'], {}, 's2')))).toEqual([]);
  });
  it('show what their session has done', () => {
    expect(said(demandSerial(one(events, read(['e1'], { after: 3 }))))[0]).toMatch('stale by session');
  });
  it('may miss what others did meanwhile', () =>
    expect(demandSerial(one(events, read(['e1'], { after: 1 })))).toEqual([]));
});

describe('C7: what cannot have happened in any order', () => {
  it('is a log in another order than its store (G0)', () => {
    const events = [event(1), event(2)];
    const log = { entries: ['e2', 'e1'].map((id) => Buffer.from(JSON.stringify({ id }))), notes: [], files: new Map() };
    expect(said(demandSerial(run([place('inspection', events, { log })])))[0]).toMatch('G0');
  });
  it('is two authors who have each seen the other’s later word (G1c)', () => {
    const [a, b] = ['inspection', 'commission'] as const;
    const one = place(a, [event(1, { seen: { 'commission.example/events/v1': 1 } })]);
    const two = place(b, [event(1, { seen: { 'inspection.example/events/v1': 1 } })]);
    const [finding] = demandSerial(run([one, two]));
    expect(finding?.sentence).toMatch('G1c');
    expect(finding?.witness).toBe(
      'append 1 of commission.example/events/v1 —wr→ append 1 of inspection.example/events/v1 —wr→',
    );
    expect(demandSerial(run([place(a, [event(1)]), two]))).toEqual([]);
  });
  it('is a look at two lists of one log that never were so at one time (read skew)', () => {
    const events = [event(1, { stream: 'a', revision: 0 }), event(2, { stream: 'b', revision: 0 })];
    const seen = { 'inspection.example/events/v1\na': [], 'inspection.example/events/v1\nb': ['e2'] };
    const skewed = { ...read([]), seen };
    expect(said(demandSerial(one(events, skewed)))[0]).toMatch('G-single');
  });
});

describe('C8 and C9: rights and secrets', () => {
  const forbidden = { allowed: false } as const;
  it('let nobody do what he may not', () => {
    expect(said(demandRights(one([], append('ok', forbidden))))[0]).toMatch(
      'C8 s1 did Do of s-1 without the right to it',
    );
    expect(demandRights(one([event(1)], append('info', forbidden)))).toHaveLength(1);
    expect(demandRights(one([], append('fail', forbidden), append('info', forbidden)))).toEqual([]);
  });
  it('let no secret out', () => {
    const secrets = [{ agency: 'inspection', text: '机密-1' }] as const;
    const sent = (text: string) =>
      [{ agency: 'inspection', what: 'tile/0', bytes: Buffer.from(`{"a":"${text}"}`) }] as const;
    expect(demandSecrecy(run([], [], { secrets, sent: sent('公开') }))).toEqual([]);
    expect(said(demandSecrecy(run([], [], { secrets, sent: sent('机密-1') })))[0]).toMatch(
      'a secret of inspection was sent',
    );
  });
});
