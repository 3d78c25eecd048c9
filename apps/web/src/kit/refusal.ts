// Everything that goes wrong on the way to the service arrives in the pages as one kind of error with a sentence.
import type { Problem } from '#contracts/answers';

export class Refusal extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
  }

  get status(): number {
    return this.problem.status;
  }
}

/** No answer at all: network or service down. Status 0, so that callers can tell it from an answer. */
export function unreachable(): Refusal {
  return new Refusal({
    type: 'about:blank',
    status: 0,
    code: 'service.unreachable',
    title: '连不上服务',
    message: '连不上服务，所填内容已留在本页。请检查网络后重试；如持续出现请联系系统管理员。',
    reference: '',
  });
}

/** An answer without the agreed form, e.g. from a proxy in between. */
export function unreadable(status: number): Refusal {
  return new Refusal({
    type: 'about:blank',
    status,
    code: 'service.unreadable',
    title: '没有办成',
    message: `没有办成：服务的答复无法读取（${status}）。请稍后重试；如持续出现请联系系统管理员。`,
    reference: '',
  });
}

export function asRefusal(error: unknown): Refusal {
  return error instanceof Refusal ? error : unreachable();
}
