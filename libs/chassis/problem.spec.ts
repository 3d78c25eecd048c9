import { HttpException } from '@nestjs/common';
import { Refused, UnknownEventType } from '#kernel/decider';
import { messages } from '#contracts/messages.zh';
import { Unavailable } from '#store/event-store';
import { FieldFaults } from './input';
import { answerTo, statusOf } from './problem';

describe('an answer to what went wrong', () => {
  it.each([
    ['input.fields', 400],
    ['input.command', 400],
    ['input.mediaType', 415],
    ['input.tooLarge', 413],
    ['session.none', 401],
    ['session.wrong', 401],
    ['session.locked', 429],
    ['session.origin', 403],
    ['rights.role', 403],
    ['rights.unit', 404],
    ['record.none', 404],
    ['path.none', 404],
    ['revision.stale', 409],
    ['closeOut.noEvidence', 409],
    ['service.tooMany', 429],
    ['service.unavailable', 503],
    ['service.full', 503],
    ['service.parked', 503],
    ['service.fault', 500],
  ])('%s has the status %d', (code, status) => expect(statusOf(code)).toBe(status));

  it('has code, title, a Chinese sentence with the details filled in, and the reference', () => {
    const { problem, retryAfterSeconds } = answerTo(new Refused('session.locked', { minutes: 15 }), 'r1');
    expect(problem).toEqual({
      type: 'about:blank',
      status: 429,
      code: 'session.locked',
      title: '过于频繁',
      message: messages['session.locked']!.replace('{minutes}', '15'),
      reference: 'r1',
    });
    expect(retryAfterSeconds).toBe(900);
  });

  it('names every field of a bad input', () => {
    const { problem } = answerTo(new FieldFaults([{ path: 'text', message: '不能为空' }]), 'r1');
    expect(problem.fields).toEqual([{ path: 'text', message: '不能为空' }]);
    expect(problem.message).toContain('1处');
  });

  it.each([
    [new HttpException('', 404), 'path.none'],
    [new HttpException('', 413), 'input.tooLarge'],
    [new HttpException('', 415), 'input.mediaType'],
    [new HttpException('', 400), 'input.json'],
    [Object.assign(new Error(''), { statusCode: 400 }), 'input.json'],
    [new Unavailable('10.0.0.7 refused'), 'service.unavailable'],
    [Object.assign(new Error('connect 10.0.0.7:5432'), { code: 'ECONNREFUSED' }), 'service.unavailable'],
    [Object.assign(new Error('shut down on 10.0.0.7'), { code: '57P01' }), 'service.unavailable'],
    [new UnknownEventType('issue', 'X'), 'service.parked'],
    [new Error('password of the database is x'), 'service.fault'],
    ['thrown text', 'service.fault'],
    [undefined, 'service.fault'],
  ])('to %p is %s and says nothing of what is inside', (error, code) => {
    const { problem } = answerTo(error, 'r1');
    expect(problem.code).toBe(code);
    expect(JSON.stringify(problem)).not.toMatch(/password|10\.0\.0\.7/);
    expect(problem.message).not.toMatch(/\{\w+\}/);
  });

  it('tells when to come again where that helps', () => {
    expect(answerTo(new Refused('service.unavailable'), 'r').retryAfterSeconds).toBe(2);
    expect(answerTo(new Refused('service.tooMany', { seconds: 7 }), 'r').retryAfterSeconds).toBe(7);
    expect(answerTo(new Refused('revision.stale'), 'r').retryAfterSeconds).toBeUndefined();
  });
});
