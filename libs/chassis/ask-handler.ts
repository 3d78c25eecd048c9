// Joins Nest's CommandBus to what an Ask means.
import { CommandHandler } from '@nestjs/cqrs';
import type { ICommandHandler } from '@nestjs/cqrs';
import type { Done } from '#contracts/answers';
import { Ask } from './ask';
import { Asking } from './asking';

@CommandHandler(Ask)
export class AskHandler implements ICommandHandler<Ask> {
  constructor(private readonly asking: Asking) {}

  execute(ask: Ask): Promise<Done> {
    return this.asking.ask(ask);
  }
}
