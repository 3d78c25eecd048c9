// What the receivers learn of a hand-over, and what their receipts mean here.
import type { Published } from '#kernel/envelope';
import type { Publishing, Reactor, Within } from '#kernel/reactor';
import type { Slice } from '#chassis/slice';
import { receivers } from '#contracts/clues';
import type { PublishedData } from '#contracts/events';
import { clueLists } from '#joint/clue/clue-lists';
import { shown } from '#joint/shown';
import { clueDestroys, clueFilePublishing } from '#joint/clue-file/clue-file.views';
import { ClueFileApi, ClueReadingApi } from '#joint/clue/clue.api';
import { ClueHandOverApi } from './clue-hand-over.api';
import { clueHandOver } from './clue-hand-over';

const list = ({ subject, data }: Within<any>) => ({ handOverId: subject, ...data });
const publishing: Publishing = {
  decider: clueHandOver.name,
  map: {
    CluesHandedOver: (event) => ({ type: 'inspection.clue-handed-over.v1', data: list(event) }),
    CluesDualHandedOver: (event) => ({ type: 'inspection.clue-dual-handed-over.v1', data: list(event) }),
  },
};

const received = (event: Published<string, PublishedData<'commission.clue-received.v1'>>) => {
  const { address: basis, agency: receiver, data } = event;
  if (!shown(event as Published) || !basis) return [];
  const { handOverId, count, receivedBy } = data;
  const command = { type: 'RecordReceipt', receiver, count, receivedBy, basis };
  return [{ decider: clueHandOver, id: handOverId, command }];
};
const reactor: Reactor = {
  name: 'clueHandOver',
  on: Object.fromEntries(receivers.map((agency) => [`${agency}.clue-received.v1`, received])),
};

export const clueHandOverSlice: Slice = {
  name: 'clueHandOver',
  api: [ClueReadingApi, ClueHandOverApi, ClueFileApi],
  destroys: clueDestroys,
  publishing: [publishing, clueFilePublishing('inspection')],
  reactors: [reactor],
  views: [clueLists],
};
