// Asks the rules without letting anything happen: a page shows before the click which actions are open, and why the
// others are not. The sentences are those of a real attempt, because the same `decide` says them.
import type { AnyDecider } from '#kernel/decider';
import { Refused } from '#kernel/decider';
import type { Action } from '#contracts/answers';
import { sentence } from '#contracts/messages.zh';
import { may } from '#contracts/roles';
import type { ActingRole } from '#contracts/roles';
import type { Asking } from './asking';
import { demandUnit, refusalOf } from './asking';
import type { Clock } from './clock';
import { civilDateAt } from './clock';
import type { Person } from './person';
import { actorOf } from './person';

export type Try<Name extends string = string> = { readonly action: Name; readonly command: { readonly type: string } };

export class DryRun {
  constructor(
    private readonly asking: Asking,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /**
   * Actions that the person's role may never do are left out; `revision` is -1 when there is no record yet.
   * @throws Refused `rights.unit` for the record of another unit, `service.parked`, `service.unavailable`
   */
  async open<Name extends string>(
    decider: AnyDecider,
    id: string,
    who: Person,
    tries: readonly Try<Name>[],
    // The caller knows his own decider's state; the chassis does not.
  ): Promise<{ state: any; revision: number; actions: Action<Name>[] }> {
    const loaded = await this.asking.load(decider, id).catch((error: unknown) => {
      throw refusalOf(error);
    });
    demandUnit(decider, loaded.state, { who });
    const at = this.clock.now();
    const given = { by: actorOf(who), at, today: civilDateAt(at) };
    const actions = tries
      .filter(({ command }) => may(who.role as ActingRole, `${decider.name}.${command.type}`))
      .map(({ action, command }): Action<Name> => {
        try {
          decider.decide(command, loaded.state, given);
          return { action, open: true };
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          return { action, open: false, code: error.code, why: forecast(error.code, error.details) };
        }
      });
    return { state: loaded.state, revision: Number(loaded.revision ?? -1n), actions };
  }
}

/** The sentence of a refusal as it is said beforehand: nothing has been submitted yet that could have failed. */
export function forecast(code: string, details: Readonly<Record<string, string | number>> = {}): string {
  return sentence(code, details).replace(/^没有提交：/, '');
}
