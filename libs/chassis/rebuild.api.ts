// For the operator: a read model built anew beside the live one, compared with it and swapped in, while people work.
import { Controller, Inject, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Refused } from '#kernel/decider';
import { OperatorAccess } from './health.api';
import { Open } from './route';
import type { Rebuilt } from './views/rebuild';
import type { Views } from './views/start-views';

/** A page of another site can make a browser on this machine send a POST, but not with a header of our own. */
export const operatorHeader = 'sanfang-operator';

export class RunningViews {
  constructor(readonly views: Pick<Views, 'names' | 'rebuild'>) {}
}

@Controller('rebuild')
export class RebuildApi {
  constructor(
    @Inject(RunningViews) private readonly running: RunningViews,
    @Inject(OperatorAccess) private readonly access: OperatorAccess,
  ) {}

  @Post(':view')
  @Open()
  rebuild(@Param('view') view: string, @Req() request: FastifyRequest): Promise<Rebuilt> {
    const { names, rebuild } = this.running.views;
    const allowed = this.access.allows(request) && request.headers[operatorHeader] !== undefined;
    if (!allowed || !names.includes(view)) throw new Refused('path.none');
    return rebuild(view);
  }
}
