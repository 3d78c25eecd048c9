// Hand-over of clues over HTTP; reading is the same in all agencies (libs/joint/clue).
import { Controller, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { demand } from '#kernel/decider';
import type { Done } from '#contracts/answers';
import type { Sent } from '#contracts/api';
import { handOverClues } from '#contracts/clues';
import type { AskMeta } from '#chassis/ask';
import { Ask } from '#chassis/ask';
import { Reads } from '#chassis/reads';
import { Input, May, Meta } from '#chassis/route';
import { rounds } from '#joint/ledger/rounds';
import { newId } from '#joint/new-id';
import { clueHandOver } from './clue-hand-over';

@Controller('/api/clue-lists')
export class ClueHandOverApi {
  constructor(
    private readonly bus: CommandBus,
    private readonly reads: Reads,
  ) {}

  @Post()
  @May('clueHandOver.HandOverClues')
  async handOver(@Input(handOverClues) input: Sent<typeof handOverClues>, @Meta() meta: AskMeta): Promise<Done> {
    demand(await this.reads.row(rounds, input.roundId), 'round.none');
    const id = newId('h', meta.commandId);
    const clues = input.clues.map((clue, n) => ({ clueId: `${id}-${n + 1}`, ...clue }));
    return this.bus.execute(new Ask(clueHandOver, id, { type: 'HandOverClues', ...input, clues }, meta));
  }
}
