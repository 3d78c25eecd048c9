// Any agency may be down: the others go on working, and it catches up when it is back.
import { paths } from '#contracts/api';
import type { Overview } from '#contracts/answers';
import { agencies } from '#kernel/envelope';
import {
  agreed,
  claim,
  ledger,
  rectify,
  requestCloseOut,
  settled,
  until,
  verify,
} from '../../apps/region/src/scenario';
import type { Opened, Staff } from '../../apps/region/src/scenario';
import { audit, feedbackDate, logFolders, opened, world } from './world';
import type { World } from './world';

let here: World;
let story: Opened;

beforeAll(async () => {
  here = await world();
  story = await opened(here);
});
afterAll(() => here?.end());

describe('when an agency is down', () => {
  it('the unit works on while the commission is down, and the commission verifies when it is back', async () => {
    const [line] = await ledger(story.cast.office);
    if (!line) throw new Error('the ledger is empty');
    const staff = story.cast.staff.get(line.unitId) as Staff;
    await here.region.stopAgency('commission');
    await claim(staff, line.issueId);
    await rectify(staff, line.issueId, line.due, feedbackDate);
    await requestCloseOut(story.cast, line);
    await settled(story.cast, line.issueId, 'closeOutRequested');
    const peers = await until('the console says who cannot be reached', async () => {
      const { peers: states } = await story.cast.office.get<Overview>(paths.overview);
      return states.find((peer) => peer.agency === 'commission')?.state === 'unreachable' ? states : undefined;
    });
    expect(peers.find((peer) => peer.agency === 'organization')?.state).toBe('following');
    await here.region.launch('commission');
    await verify(story.cast, line, 'accept');
    await settled(story.cast, line.issueId, 'closedOut');
  });

  it('the others read and sign in while the inspection office is down', async () => {
    await here.region.stopAgency('inspection');
    expect(await ledger(story.cast.commission)).toHaveLength(6);
    expect(await ledger(story.cast.organization)).toHaveLength(6);
    await here.region.launch('inspection');
    await agreed(story.cast, 20);
  });

  it('all of them one after the other, the logs stay whole and the read models equal', async () => {
    for (const agency of agencies) {
      await here.region.stopAgency(agency);
      await here.region.launch(agency);
    }
    await agreed(story.cast, 20);
    expect((await audit(logFolders(here))).result).toMatchObject({ ok: true });
  });
});
