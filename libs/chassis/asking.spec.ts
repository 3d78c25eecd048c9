import type { Decider } from '#kernel/decider';
import { demand, Refused } from '#kernel/decider';
import type { Actor } from '#kernel/envelope';
import type { EventStore, Expected, NewEvent } from '#store/event-store';
import { NotStorable, TooLarge, Unavailable, WrongExpectedRevision } from '#store/event-store';
import { MemoryStore } from '#store/memory/memory-store';
import { Ask } from './ask';
import { Asking } from './asking';
import type { AskingOptions } from './asking';
import { DryRun } from './dry-run';
import { eventIdOf } from './ids';
import type { Person } from './person';

// The decider borrows names from the permission table, so that the real table is what the tests run against.
type State = { readonly unit: string | undefined; readonly reports: number };
type Event = { type: 'IssueRegistered'; data: { unit: string } } | { type: 'Progressed'; data: { text: string } };
type Command =
  | { type: 'RegisterIssue'; unit: string }
  | { type: 'ReportProgress'; text: string; times?: number }
  | { type: 'SignClaim' };

const issue: Decider<State, Command, Event> = {
  name: 'issue',
  initial: { unit: undefined, reports: 0 },
  decide(command, state) {
    switch (command.type) {
      case 'RegisterIssue':
        return state.unit === undefined ? [{ type: 'IssueRegistered', data: { unit: command.unit } }] : [];
      case 'ReportProgress':
        demand(state.reports < 3, 'revision.busy');
        return Array.from({ length: command.times ?? 1 }, () => ({
          type: 'Progressed' as const,
          data: { text: command.text },
        }));
      case 'SignClaim':
        return [{ type: 'Unheard' as 'Progressed', data: { text: '' } }];
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case 'IssueRegistered':
        return { ...state, unit: event.data.unit };
      case 'Progressed':
        return { ...state, reports: state.reports + 1 };
      default:
        return undefined as unknown as State;
    }
  },
  unit: (state) => state.unit,
};

const system: Actor = { agency: 'inspection', id: 'system-registrar', name: '系统', role: 'system' };
const person = (id: string, role: string, sees: Person['sees']): Person => ({
  agency: 'inspection',
  id,
  name: '张某',
  role,
  login: id,
  sees,
  session: 'f'.repeat(64),
});
const liaison = person('a1', 'orgLiaison', ['u1']);
const secretary = person('a2', 'orgSecretary', ['u1']);
const office = person('a3', 'inspectionOffice', 'all');

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

function world(change: Partial<AskingOptions> = {}) {
  const store = new MemoryStore();
  const outcomes: string[] = [];
  const asking = new Asking({
    store,
    clock: { now: () => '2026-03-01T16:30:00.000Z' },
    seen: () => ({ 'commission.sanfang.example/events/v1': 7 }),
    commitKey: new Uint8Array(32).fill(1),
    onOutcome: (_decider, _command, outcome) => outcomes.push(outcome),
    ...change,
  });
  const ask = (who: Person | Actor, n: number, command: Command, expectedRevision?: number) =>
    asking.ask(
      new Ask(issue, 'i1', command, {
        who,
        commandId: id(n),
        ...(expectedRevision !== undefined && { expectedRevision }),
      }),
    );
  const stored = async () => {
    const events = [];
    for await (const event of store.readStream('issue-i1')) events.push(event);
    return events;
  };
  return { store, asking, ask, stored, outcomes };
}

async function codeOf(answer: Promise<unknown>): Promise<string> {
  const error = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Refused);
  return (error as Refused).code;
}

const register: Command = { type: 'RegisterIssue', unit: 'u1' };
const report: Command = { type: 'ReportProgress', text: '已完成' };

describe('an Ask', () => {
  it('appends what the rules decide and answers with position and revision', async () => {
    const { ask, stored } = world();
    expect(await ask(system, 1, register)).toMatchObject({ id: 'i1', revision: 0 });
    const done = await ask(liaison, 2, report);
    const [, event] = await stored();
    expect(done).toEqual({ id: 'i1', revision: 1, position: event!.position.toString() });
  });

  it('records who, when, because of what and knowing what, but neither login nor session', async () => {
    const { ask, stored } = world();
    await ask(system, 1, register);
    await ask(liaison, 2, report);
    const [, event] = await stored();
    expect(event!.meta).toEqual({
      actor: { agency: 'inspection', id: 'a1', name: '张某', role: 'orgLiaison' },
      commandId: id(2),
      seen: { 'commission.sanfang.example/events/v1': 7 },
      salt: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
    });
  });

  it('gives the rules the civil date of Shanghai', async () => {
    let today = '';
    const { asking } = world();
    const curious = {
      ...issue,
      decide: (_: Command, __: State, given: { today: string }) => ((today = given.today), []),
    };
    await asking.ask(new Ask(curious, 'i1', register, { who: system, commandId: id(1) }));
    expect(today).toBe('2026-03-02');
  });

  it('is refused to a role without the permission', async () => {
    const { ask, outcomes } = world();
    expect(await codeOf(ask(office, 1, register))).toBe('rights.role');
    expect(await codeOf(ask({ ...liaison, role: 'nobody' }, 1, report))).toBe('rights.role');
    expect(outcomes).toEqual(['rights.role', 'rights.role']);
  });

  it('is refused to another unit, as if the record were not there', async () => {
    const { ask } = world();
    await ask(system, 1, register);
    expect(await codeOf(ask(person('b', 'orgLiaison', ['u2']), 2, report))).toBe('rights.unit');
    expect(await codeOf(ask(person('b', 'orgLiaison', []), 2, report))).toBe('rights.unit');
  });

  it('is refused for a record that has no unit yet, except to the service itself and to those who see all', async () => {
    const { ask } = world();
    expect(await codeOf(ask(liaison, 1, report))).toBe('rights.unit');
    expect(await codeOf(ask({ ...liaison, sees: [undefined as unknown as string] }, 1, report))).toBe('rights.unit');
    expect((await ask(system, 2, register)).revision).toBe(0);
  });

  it('does not trust an actor whose units nobody named', async () => {
    const { ask } = world();
    await ask(system, 1, register);
    const { sees: _, ...bare } = liaison;
    expect(await codeOf(ask(bare as Actor, 2, report))).toBe('rights.unit');
  });

  it('is refused as stale when the record has moved on since the person looked', async () => {
    const { ask } = world();
    await ask(system, 1, register);
    expect(await codeOf(ask(liaison, 2, report, -1))).toBe('revision.stale');
    expect((await ask(liaison, 3, report, 0)).revision).toBe(1);
    expect(await codeOf(ask(liaison, 4, report, 0))).toBe('revision.stale');
  });

  it('needs a command id that is a UUID', async () => {
    const { asking } = world();
    const ask = new Ask(issue, 'i1', register, { who: system, commandId: 'again' });
    expect(await codeOf(asking.ask(ask))).toBe('input.command');
  });

  it('answers with the current revision when nothing happens', async () => {
    const { ask, stored, outcomes } = world();
    const first = await ask(system, 1, register);
    expect(await ask(system, 2, register)).toEqual(first);
    expect(await stored()).toHaveLength(1);
    expect(outcomes).toEqual(['ok', 'nothing']);
    const idle: Decider<State, Command, Event> = { ...issue, decide: () => [] };
    const done = await world().asking.ask(new Ask(idle, 'new', register, { who: system, commandId: id(3) }));
    expect(done).toEqual({ id: 'new', position: '0', revision: -1 });
  });

  it('hands on the refusal of a rule', async () => {
    const { ask } = world();
    await ask(system, 1, register);
    await ask(liaison, 2, { ...report, times: 3 } as Command);
    expect(await codeOf(ask(liaison, 3, report))).toBe('revision.busy');
  });
});

describe('the same command id twice', () => {
  it('gives the same answer and no second event, though the state has moved on and the rules would refuse now', async () => {
    const { ask, stored, outcomes } = world();
    await ask(system, 1, register);
    const twice: Command = { type: 'ReportProgress', text: '两件', times: 2 };
    const first = await ask(liaison, 2, twice);
    await ask(liaison, 3, report);
    expect(await ask(liaison, 2, twice, 0)).toEqual(first);
    expect(first.revision).toBe(2);
    expect(await stored()).toHaveLength(4);
    expect(outcomes.at(-1)).toBe('repeated');
  });

  it('is no repetition when it comes from somebody else', async () => {
    const { ask } = world();
    await ask(system, 1, register);
    await ask(liaison, 2, report);
    expect(await codeOf(ask({ ...liaison, id: 'a9' }, 2, report))).toBe('input.command');
  });

  it('makes different event ids in different streams', () => {
    expect(eventIdOf('issue-i1', id(1), 0)).not.toBe(eventIdOf('issue-i2', id(1), 0));
    expect(eventIdOf('issue-i1', id(1), 0)).not.toBe(eventIdOf('issue-i1', id(1), 1));
  });

  it('sent again after an append whose answer was lost, carries the same bytes', async () => {
    const sent: NewEvent[][] = [];
    const store = new MemoryStore();
    let lose = true;
    const losing: Pick<EventStore, 'append' | 'readStream'> = {
      readStream: store.readStream.bind(store),
      append: async (stream: string, events: readonly NewEvent[], expected: Expected) => {
        sent.push([...events]);
        if (lose) throw new Unavailable('no answer');
        return store.append(stream, events, expected);
      },
    };
    const { ask } = world({ store: losing });
    expect(await codeOf(ask(system, 1, register))).toBe('service.unavailable');
    lose = false;
    await ask(system, 1, register);
    expect(sent[1]).toEqual(sent[0]);
  });
});

describe('when somebody else appends first', () => {
  it('the rules are asked again on the newer state', async () => {
    const store = new MemoryStore();
    let race = true;
    const racing: Pick<EventStore, 'append' | 'readStream'> = {
      readStream: store.readStream.bind(store),
      append: async (stream: string, events: readonly NewEvent[], expected: Expected) => {
        if (race && expected !== 'no_stream') {
          race = false;
          await world({ store }).ask(liaison, 99, report);
        }
        return store.append(stream, events, expected);
      },
    };
    const { ask, outcomes } = world({ store: racing });
    await ask(system, 1, register);
    expect((await ask(liaison, 2, report)).revision).toBe(2);
    expect(outcomes).toEqual(['ok', 'ok']);
  });

  it('five times in a row, it is refused as busy', async () => {
    let tries = 0;
    const store = new MemoryStore();
    const always: Pick<EventStore, 'append' | 'readStream'> = {
      readStream: store.readStream.bind(store),
      append: (stream: string, _events: readonly NewEvent[], expected: Expected) => {
        tries += 1;
        return Promise.reject(new WrongExpectedRevision(stream, expected, 5n));
      },
    };
    const { ask } = world({ store: always });
    expect(await codeOf(ask(system, 1, register))).toBe('revision.busy');
    expect(tries).toBe(5);
  });

  it('writers that collide all get through or are told so, and nothing is written twice', async () => {
    const { ask, stored } = world();
    await ask(system, 1, register);
    const answers = await Promise.allSettled([2, 3, 4].map((n) => ask(liaison, n, report)));
    const ok = answers.filter((answer) => answer.status === 'fulfilled').length;
    expect(await stored()).toHaveLength(1 + ok);
  });
});

describe('a state remembered from the command before', () => {
  const counted = () => {
    const store = new MemoryStore();
    const reads: string[] = [];
    const readStream: EventStore['readStream'] = (stream, options) => {
      reads.push(stream);
      return store.readStream(stream, options);
    };
    const append = store.append.bind(store);
    return { store, reads, counting: { readStream, append } };
  };

  it('is not asked of the store again, and is what the store holds', async () => {
    const { store, reads, counting } = counted();
    const { ask, asking } = world({ store: counting });
    await ask(system, 1, register);
    for (const n of [2, 3, 4]) await ask(liaison, n, report);
    expect(reads).toHaveLength(1);
    const fresh = world({ store });
    expect(await asking.load(issue, 'i1')).toEqual(await fresh.asking.load(issue, 'i1'));
  });

  it('gives no answer while it is behind: not a refusal, not a repetition, not that nothing happens', async () => {
    const { store, counting } = counted();
    const { ask } = world({ store: counting });
    await ask(system, 1, register);
    const other = world({ store });
    await other.ask(liaison, 2, report);
    // From memory this would be stale.
    expect((await ask(liaison, 3, report, 1)).revision).toBe(2);
    await other.ask(liaison, 4, report);
    // From memory there would be room for one more.
    expect(await codeOf(ask(liaison, 5, report))).toBe('revision.busy');
    await expect(ask(system, 6, register)).resolves.toMatchObject({ revision: 3 });
    expect((await other.asking.load(issue, 'i1')).revision).toBe(3n);
  });

  it('is not gone on from when nobody knows whether the append was taken', async () => {
    const { store, counting } = counted();
    let lose = false;
    const losing: typeof counting = {
      ...counting,
      append: async (...given) => {
        const appended = await store.append(...given);
        if (lose) throw new Unavailable('the answer was lost');
        return appended;
      },
    };
    const { ask, outcomes } = world({ store: losing });
    await ask(system, 1, register);
    lose = true;
    expect(await codeOf(ask(liaison, 2, report))).toBe('service.unavailable');
    lose = false;
    // The same command id may come with other words; what was taken stays.
    await ask(liaison, 2, { type: 'ReportProgress', text: '另一句' });
    expect(outcomes).toEqual(['ok', 'service.unavailable', 'repeated']);
  });
});

describe('what the store cannot do', () => {
  it.each([
    [new TooLarge(2_000_000), 'input.tooLarge'],
    [new NotStorable('NUL'), 'input.fields'],
    [new Unavailable('down'), 'service.unavailable'],
  ])('%p becomes a refusal with a remedy', async (error, code) => {
    const store = new MemoryStore();
    const failing = { readStream: store.readStream.bind(store), append: () => Promise.reject(error) };
    expect(await codeOf(world({ store: failing }).ask(system, 1, register))).toBe(code);
  });

  it('a fault stays a fault and is counted', async () => {
    const store = new MemoryStore();
    const failing = { readStream: store.readStream.bind(store), append: () => Promise.reject(new Error('bug')) };
    const { ask, outcomes } = world({ store: failing });
    await expect(ask(system, 1, register)).rejects.toThrow('bug');
    expect(outcomes).toEqual(['service.fault']);
  });

  it('a stream with an event of unknown type is parked, never skipped', async () => {
    const { ask } = world();
    await ask(system, 1, register);
    await ask(secretary, 2, { type: 'SignClaim' });
    expect(await codeOf(ask(liaison, 3, report))).toBe('service.parked');
  });
});

describe('a dry run', () => {
  const clock = { now: () => '2026-03-01T16:30:00.000Z' };
  const tries = [
    { action: 'report', command: { type: 'ReportProgress', text: '' } },
    { action: 'register', command: register },
  ] as const;

  it('tells which actions are open, leaves out what the role may never do, and changes nothing', async () => {
    const { asking, ask, stored } = world();
    await ask(system, 1, register);
    const { state, revision, actions } = await new DryRun(asking, clock).open(issue, 'i1', liaison, tries);
    expect(state).toEqual({ unit: 'u1', reports: 0 });
    expect(revision).toBe(0);
    expect(actions).toEqual([{ action: 'report', open: true }]);
    expect(await stored()).toHaveLength(1);
  });

  it('says why an action is not open, in the sentence that a real attempt would get', async () => {
    const { asking, ask } = world();
    await ask(system, 1, register);
    await ask(liaison, 2, { type: 'ReportProgress', text: '三件', times: 3 });
    const { actions } = await new DryRun(asking, clock).open(issue, 'i1', liaison, tries);
    expect(actions).toEqual([
      { action: 'report', open: false, code: 'revision.busy', why: expect.stringContaining('稍后重试') },
    ]);
  });

  it('shows nothing of a record of another unit', async () => {
    const { asking, ask } = world();
    await ask(system, 1, register);
    const other = person('b', 'orgLiaison', ['u2']);
    expect(await codeOf(new DryRun(asking, clock).open(issue, 'i1', other, tries))).toBe('rights.unit');
  });
});
