import type { DataSource } from 'typeorm';
import type { AnyView } from '#kernel/view';
import { Pulse } from './pulse';
import { Reads } from './reads';
import type { Standing } from './reads';
import type { Views } from './views/start-views';

const [ledger, rounds] = [{ name: 'ledger' }, { name: 'rounds' }] as unknown as [AnyView, AnyView];

/** Nothing here asks the database: what is asked is counted. */
function counting() {
  const pulse = new Pulse();
  const reads = new Reads({} as DataSource, {} as Views, pulse, 'own', [], {} as Standing);
  let asked = 0;
  const ask = (key: unknown[], fails = false) =>
    reads.whileUnchanged([ledger], key, async () => {
      asked += 1;
      if (fails) throw new Error('away');
      return asked;
    });
  return { pulse, ask, asked: () => asked };
}

describe('an answer from all rows', () => {
  it('is asked for once while they stand still, however many want to know', async () => {
    const { ask, asked } = counting();
    expect(await Promise.all([ask(['status = $1', ['open']]), ask(['status = $1', ['open']])])).toEqual([1, 1]);
    expect(await ask(['status = $1', ['open']])).toBe(1);
    expect(asked()).toBe(1);
  });

  it('is that of its own condition and parameters alone: another person’s is another question', async () => {
    const { ask } = counting();
    expect(await ask(['unit = $1', ['u1']])).toBe(1);
    expect(await ask(['unit = $1', ['u2']])).toBe(2);
    expect(await ask(['unit <> $1', ['u1']])).toBe(3);
  });

  it('is asked for anew once a row of its view has changed, and not for another view’s', async () => {
    const { pulse, ask } = counting();
    await ask(['total']);
    pulse.tell({ kind: 'view', view: rounds.name });
    expect(await ask(['total'])).toBe(1);
    pulse.tell({ kind: 'view', view: ledger.name });
    expect(await ask(['total'])).toBe(2);
  });

  it('is not kept when a row changes while it is under way', async () => {
    const { pulse, ask } = counting();
    const early = ask(['total']);
    pulse.tell({ kind: 'view', view: ledger.name });
    expect(await ask(['total'])).toBe(2);
    expect(await early).toBe(1);
    expect(await ask(['total'])).toBe(2);
  });

  it('is not kept when it failed', async () => {
    const { ask } = counting();
    await expect(ask(['total'], true)).rejects.toThrow('away');
    expect(await ask(['total'])).toBe(2);
  });
});
