// An issue's passport for whoever may open its page, in all three agencies alike.
import { Controller, Get, Header, StreamableFile } from '@nestjs/common';
import { demand } from '#kernel/decider';
import { agencyNames } from '#contracts/agencies';
import type { LedgerQuery } from '#contracts/api';
import { ledgerQuery } from '#contracts/api';
import { Clock } from '#chassis/clock';
import type { Person } from '#chassis/person';
import { Reads } from '#chassis/reads';
import { InputParam, InputQuery, May, Who } from '#chassis/route';
import { Passports } from '#chassis/witness/passports';
import { Proofs } from '#chassis/witness/proofs';
import { civilMinuteOf } from '../civil-time';
import { visibleRow } from '../ledger/reading.api';
import { timeline } from '../ledger/timeline';
import { coverOfIssue, issueField } from './cover';

const afterQuery = ledgerQuery.pick({ after: true });

@Controller('/api')
export class PassportApi {
  constructor(
    private readonly reads: Reads,
    private readonly passports: Passports,
    private readonly proofs: Proofs,
    private readonly clock: Clock,
  ) {}

  /** The keys that a passport is checked by, as this agency has them; whoever takes them has to compare them. */
  @Get('passport-policy')
  @May('issue.read')
  @Header('x-content-type-options', 'nosniff')
  @Header('content-security-policy', "default-src 'none'; sandbox")
  async policy(@Who() who: Person): Promise<StreamableFile> {
    const from = `${agencyNames[who.agency]}的控制台于${civilMinuteOf(this.clock.now())}（北京时间）给出`;
    const text = await this.proofs.policyFile([from, '使用前请用电话或纸面与各机关核对公钥指纹（公钥的SHA-256）']);
    demand(text !== undefined, 'passport.keysMissing');
    const bytes = Buffer.from(text);
    const disposition = 'attachment; filename="sanfang.policy"';
    return new StreamableFile(bytes, { type: 'text/plain; charset=utf-8', length: bytes.length, disposition });
  }

  @Get('issues/:issueId/passport')
  @May('issue.read')
  @Header('x-content-type-options', 'nosniff')
  @Header('content-security-policy', "default-src 'none'; sandbox")
  @Header('cache-control', 'private, no-store')
  async passport(
    @Who() who: Person,
    @InputParam('issueId') issueId: string,
    @InputQuery(afterQuery) query: LedgerQuery,
  ): Promise<StreamableFile> {
    await this.reads.passed(query.after);
    const { id } = await visibleRow(this.reads, who, issueId);
    const events = await this.reads.some(timeline, ['id'], { where: 'issue_id = $1', parameters: [id] });
    const subject = { field: issueField, value: id };
    const ids = events.map((event) => event.id);
    const bytes = await this.passports.make(subject, ids, coverOfIssue);
    demand(bytes !== undefined, 'passport.none');
    const disposition = `attachment; filename="${id.replace(/[^\w.-]/g, '_')}.passport"`;
    return new StreamableFile(bytes, { type: 'text/plain; charset=utf-8', length: bytes.length, disposition });
  }
}
