import type { Given } from '#kernel/decider';
import { may, roles } from '#contracts/roles';
import type { Role } from '#contracts/roles';
import { history } from '#testing/given';
import type { ClueFileCommand, ClueFileEvent } from './clue-file';
import { clueFile } from './clue-file';
import { clueDestroys, clueFilePublishing } from './clue-file.views';

const zhao = { id: 'zhao', name: '赵某', role: 'caseOffice' };
const qian = { id: 'qian', name: '钱某', role: 'caseOffice' };
const by = (who: typeof zhao): Given => ({
  by: { agency: 'commission', ...who },
  at: '2026-03-05T01:00:00.000Z',
  today: '2026-03-05',
});
const reason = '保管期满';
const request: ClueFileCommand = { type: 'RequestDestruction', reason, signed: true };
const requested: ClueFileEvent = { type: 'DestructionRequested', data: { reason, requestedBy: zhao } };
const confirm: ClueFileCommand = { type: 'ConfirmDestruction' };
const drop: ClueFileCommand = { type: 'DropDestruction', reason: '案件尚未了结' };
const dropped: ClueFileEvent = { type: 'DestructionDropped', data: { reason: '案件尚未了结' } };
const destroyed: ClueFileEvent = { type: 'BodyDestroyed', data: { reason, requestedBy: zhao, confirmedBy: qian } };
const open: ClueFileCommand = { type: 'OpenBody', reason: '分办前阅' };

describe('启封', () => {
  it('is on record with its reason, each time', () => {
    const opened: ClueFileEvent = { type: 'BodyOpened', data: { reason: '分办前阅' } };
    history(clueFile, opened).when(open, by(zhao)).then(opened);
  });
  it('ends with the destruction', () =>
    history(clueFile, requested, destroyed).when(open, by(zhao)).refuses('body.destroyed'));
});

describe('销毁', () => {
  it('is asked for by one person', () => history(clueFile).when(request, by(zhao)).then(requested));
  it('is not asked for while the list is under way', () =>
    history(clueFile)
      .when({ ...request, signed: false }, by(zhao))
      .refuses('clueFile.notSigned'));
  it('is asked for once', () => history(clueFile, requested).when(request, by(qian)).refuses('clueFile.requested'));
  it('is not confirmed by who asked for it', () =>
    history(clueFile, requested).when(confirm, by(zhao)).refuses('clueFile.ownRequest'));
  it('is confirmed by another person', () => history(clueFile, requested).when(confirm, by(qian)).then(destroyed));
  it('is not done by one person who asks for nothing', () =>
    history(clueFile).when(confirm, by(zhao)).refuses('clueFile.notRequested'));
  it('is dropped by either, and then needs two persons again', () => {
    history(clueFile, requested).when(drop, by(qian)).then(dropped);
    history(clueFile).when(drop, by(qian)).refuses('clueFile.notRequested');
    history(clueFile, requested, dropped).when(confirm, by(qian)).refuses('clueFile.notRequested');
    history(clueFile, requested, dropped)
      .when(request, by(qian))
      .then({
        type: 'DestructionRequested',
        data: { reason, requestedBy: qian },
      });
  });
  it('is final', () => {
    for (const command of [request, confirm, drop])
      history(clueFile, requested, destroyed).when(command, by(zhao)).refuses('body.destroyed');
  });
  it('lies with those who read clues', () => {
    const allowed = (command: string) =>
      (Object.keys(roles) as Role[]).filter((role) => may(role, `clueFile.${command}`));
    for (const command of ['OpenBody', 'RequestDestruction', 'DropDestruction', 'ConfirmDestruction'])
      expect(allowed(command)).toEqual(['inspectionOffice', 'caseOffice', 'orgDeptSupervision']);
  });
});

describe('between the agencies', () => {
  it('that the words are gone is told with both names and without the reason, and nothing else is told', () => {
    const { map } = clueFilePublishing('commission');
    expect(Object.keys(map)).toEqual(['BodyDestroyed']);
    const within = { id: '', subject: 'h1', type: '', at: '', actor: by(qian).by, data: destroyed.data };
    expect(map['BodyDestroyed']?.(within)).toEqual({
      type: 'commission.clue-destroyed.v1',
      data: { handOverId: 'h1', requestedBy: zhao, confirmedBy: qian },
    });
    expect(clueDestroys).toEqual([{ decider: 'clueFile', event: 'BodyDestroyed' }]);
  });
});
