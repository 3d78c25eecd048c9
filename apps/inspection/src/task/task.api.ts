// My tasks over HTTP: the unit's open lines, each with what it asks of this account, if anything.
import type { Type } from '@nestjs/common';
import { Controller, Get } from '@nestjs/common';
import type { AnyDecider } from '#kernel/decider';
import type { TaskList } from '#contracts/answers';
import type { IssueAction, LedgerQuery } from '#contracts/api';
import { ledgerQuery } from '#contracts/api';
import type { Role } from '#contracts/roles';
import { Clock, civilDateAt } from '#chassis/clock';
import type { Try } from '#chassis/dry-run';
import { DryRun } from '#chassis/dry-run';
import type { Person } from '#chassis/person';
import { Reads } from '#chassis/reads';
import { InputQuery, May, Who } from '#chassis/route';
import { linesOf, visibleRows } from '#joint/ledger/reading.api';
import type { Standing } from './task';
import { todosOf } from './task';

/** The rule book that tasks ask, and the commands they try on it. */
export type Asked = { readonly issue: AnyDecider; readonly triesOf: (state: any) => readonly Try<IssueAction>[] };

const maxTasks = 200;
const afterQuery = ledgerQuery.pick({ after: true });

export function taskApi({ issue, triesOf }: Asked): Type {
  @Controller('/api/tasks')
  class TaskApi {
    constructor(
      private readonly dryRun: DryRun,
      private readonly reads: Reads,
      private readonly clock: Clock,
    ) {}

    @Get()
    @May('task.read')
    async list(@Who() who: Person, @InputQuery(afterQuery) query: LedgerQuery): Promise<TaskList> {
      await this.reads.passed(query.after);
      const open = { where: `status <> 'closedOut'`, parameters: [] };
      const rows = await visibleRows(this.reads, who, open, `order by due, id limit ${maxTasks}`);
      const lines = await linesOf(this.reads, rows, civilDateAt(this.clock.now()));
      const tasks = await Promise.all(
        lines.map(async (line, n) => {
          const { state } = await this.dryRun.open(issue, line.issueId, who, []);
          const { actions } = await this.dryRun.open(issue, line.issueId, who, triesOf(state));
          const mine = todosOf(who.role as Role, line, state as Standing);
          const first = mine.find(({ action }) => actions.some((each) => each.action === action && each.open));
          const since = rows[n]?.parts.inspection?.changedAt ?? '';
          return { line, todo: first?.todo ?? '', action: first?.action ?? ('' as const), since };
        }),
      );
      return { tasks, cutOff: this.reads.cutOff() };
    }
  }
  return TaskApi;
}
