// Tells the page, before anybody has signed in, which agency's console it is.
import { Controller, Get } from '@nestjs/common';
import { agencyNames } from '#contracts/agencies';
import { paths } from '#contracts/api';
import type { Console } from '#contracts/answers';
import type { Agency } from '#kernel/envelope';
import { Open } from './route';

/** What the console says on every page about itself. */
export class ConsoleFacts {
  constructor(readonly agency: Agency) {}
}

@Controller(paths.console)
export class ConsoleApi {
  constructor(private readonly facts: ConsoleFacts) {}

  @Get()
  @Open()
  console(): Console {
    const { agency } = this.facts;
    return { agency, name: agencyNames[agency], marking: '内部系统，禁止上传涉密文件' };
  }
}
