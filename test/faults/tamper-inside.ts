// What can be changed inside an agency, where only its own check can see it: stored events, rows of the log, read models,
// copies of the peers' logs, what witnesses said.
import { origin } from './forger';
import { inserted, retitle, shownNothing, swapped } from './variant';
import type { Variant } from './variant';

export const events: readonly Variant[] = [
  {
    what: 'update: what an event says',
    harm: (forger, at) => forger.events(retitle, at.positionOf(at.k)),
    fsck: ({ k }) => [`events event ${k}`],
    ...shownNothing,
  },
  {
    what: 'update: who did it',
    harm: (forger, at) =>
      forger.events(
        `update store.events set meta = replace(meta, '系统', '某人')
        where position = $1`,
        at.positionOf(at.k),
      ),
    fsck: ({ k }) => [`events event ${k}`],
    ...shownNothing,
  },
  {
    what: 'update: when it was recorded',
    harm: (forger, at) =>
      forger.events(
        `update store.events set at = replace(at, '2026', '2025') where position = $1`,
        at.positionOf(at.k),
      ),
    fsck: ({ k }) => [`events event ${k}`],
    ...shownNothing,
  },
  {
    what: 'update: the kind of event, to one that is not published',
    harm: (forger, at) =>
      forger.events(`update store.events set type = 'Noted' where position = $1`, at.positionOf(at.k)),
    fsck: ({ k }) => [`events noEvent ${k}`],
    ...shownNothing,
  },
  {
    what: 'delete: one event',
    harm: (forger, at) => forger.events('delete from store.events where position = $1', at.positionOf(at.k)),
    fsck: ({ k }) => [`events noEvent ${k}`],
    ...shownNothing,
  },
  {
    what: 'insert: an event between two others',
    harm: (forger, at) => forger.events(inserted, at.positionOf(at.k)),
    fsck: ({ k }) => [`events otherEvent ${k + 1}`],
    ...shownNothing,
  },
  {
    what: 'reorder: two events change places',
    harm: (forger, at) => forger.events(swapped, at.positionOf(at.k), at.positionOf(at.k + 1)),
    fsck: ({ k }) => [`events otherEvent ${k}`, `events otherEvent ${k + 1}`],
    ...shownNothing,
  },
  {
    what: 'reorder: two events exchange what they say',
    harm: async (forger, at) => {
      const [a, b] = [at.positionOf(at.k), at.positionOf(at.k + 1)];
      await forger.events(
        `update store.events e set data = other.data from store.events other
         where (e.position, other.position) in (($1, $2), ($2, $1))`,
        a,
        b,
      );
    },
    fsck: ({ k }) => [`events event ${k}`, `events event ${k + 1}`],
    ...shownNothing,
  },
  {
    what: 'truncate: the last events',
    harm: (forger, at) => forger.events('delete from store.events where position >= $1', at.positionOf(at.size - 2)),
    fsck: ({ size }) => [`events noEvent ${size - 2}`, `events noEvent ${size - 1}`],
    ...shownNothing,
  },
  {
    what: 'truncate: all events',
    harm: (forger) => forger.events('truncate store.events'),
    fsck: ({ size }) => Array.from({ length: size }, (_, index) => `events noEvent ${index}`),
    ...shownNothing,
  },
];

export const rows: readonly Variant[] = [
  {
    what: 'update: an entry beside its hash',
    harm: (forger, at) => forger.sql(`update log.entry set bytes = set_byte(bytes, 40, 33) where index = $1`, at.k),
    fsck: ({ k }) => [`entries row ${k}`],
    ...shownNothing,
  },
  {
    what: 'update: the hash beside an entry',
    harm: (forger, at) => forger.sql(`update log.entry set hash = repeat('0', 64) where index = $1`, at.k),
    fsck: ({ k }) => [`entries hash ${k}`],
    ...shownNothing,
  },
  {
    what: 'update: an entry with its hash',
    harm: (forger, at) =>
      forger.sql(
        `update log.entry set bytes = set_byte(bytes, 40, 33),
           hash = encode(sha256('\\x00'::bytea || set_byte(bytes, 40, 33)), 'hex') where index = $1`,
        at.k,
      ),
    fsck: ({ k }) => [`entries row ${k}`],
    ...shownNothing,
  },
  {
    what: 'update: an event and its entry with its hash',
    harm: async (forger, at) => {
      await forger.events(retitle, at.positionOf(at.k));
      await forger.sql(
        `update log.entry set bytes = convert_to(replace(convert_from(bytes, 'UTF8'), '工作落实', '工作落定'), 'UTF8')
           where index = $1`,
        at.k,
      );
      await forger.sql(
        `update log.entry set hash = encode(sha256('\\x00'::bytea || bytes), 'hex') where index = $1`,
        at.k,
      );
    },
    fsck: ({ k }) => [`entries row ${k}`, `events event ${k}`],
    ...shownNothing,
  },
  {
    what: 'delete: an entry',
    harm: (forger, at) => forger.sql('delete from log.entry where index = $1', at.k),
    fsck: ({ k }) => [`entries missing ${k}`],
    ...shownNothing,
  },
  {
    what: 'reorder: two entries change places',
    harm: async (forger, at) => {
      await forger.sql('update log.entry set index = -1 where index = $1', at.k);
      await forger.sql('update log.entry set index = $1 where index = $2', at.k, at.k + 1);
      await forger.sql('update log.entry set index = $1 where index = -1', at.k + 1);
    },
    fsck: ({ k }) => [`entries row ${k}`, `entries row ${k + 1}`],
    ...shownNothing,
  },
  {
    what: 'truncate: the last entries',
    harm: (forger, at) => forger.sql('delete from log.entry where index >= $1', at.size - 2),
    fsck: ({ size }) => [`entries missing ${size - 2}`, `entries missing ${size - 1}`],
    ...shownNothing,
  },
  {
    what: 'update: the frontier from which the log goes on',
    harm: (forger) => forger.sql(`update log.head set frontier = translate(frontier, 'abcdef', 'bcdefa')`),
    fsck: ({ size }) => [`entries head ${size - 1}`],
    ...shownNothing,
  },
  {
    what: 'withhold: the head says that an event was published already',
    harm: async (forger) => {
      await forger.addEvent();
      await forger.sql('update log.head set position = (select max(position) from store.events)');
    },
    fsck: ({ size }) => [`events leftOut ${size - 1}`],
    ...shownNothing,
  },
];

export const views: readonly Variant[] = [
  {
    what: 'view: a row changed',
    harm: (forger) =>
      forger.sql(`update views.ledger set title = '已办结' where id = (select min(id) from views.ledger)`),
    fsck: () => ['views view ledger'],
    ...shownNothing,
  },
  {
    what: 'view: a row deleted',
    harm: (forger) => forger.sql(`delete from views.ledger where id = (select min(id) from views.ledger)`),
    fsck: () => ['views view ledger'],
    ...shownNothing,
  },
];

const peers = 'commission.sanfang.example/events/v1';
export const inboxes: readonly Variant[] = [
  {
    what: 'inbox: what a peer said',
    harm: (forger) =>
      forger.sql(`update inbox.entry set bytes = set_byte(bytes, 40, 33) where origin = $1 and index = 1`, peers),
    fsck: () => ['inbox row 1 of commission'],
    ...shownNothing,
  },
  {
    what: 'inbox: an entry of a peer deleted',
    harm: (forger) => forger.sql(`delete from inbox.entry where origin = $1 and index = 1`, peers),
    fsck: () => ['inbox missing 1 of commission'],
    ...shownNothing,
  },
  {
    // Of a peer's log there are rows alone; which one it is, its owner's tiles tell the scrub.
    what: 'inbox: entry and hash of a peer',
    harm: (forger) =>
      forger.sql(
        `update inbox.entry set bytes = set_byte(bytes, 40, 33), hash = encode(sha256('\\x00'::bytea || set_byte(bytes, 40, 33)), 'hex') where origin = $1 and index = 1`,
        peers,
      ),
    fsck: () => ['inbox peerRoot 0 of commission'],
    ...shownNothing,
  },
  {
    what: 'witness: the root that was cosigned for a peer',
    harm: (forger) =>
      forger.sql(`update witness.state set root = $2 where origin = $1`, peers, Buffer.alloc(32, 1).toString('base64')),
    fsck: () => ['inbox cosigned witness of commission'],
    ...shownNothing,
  },
  {
    what: 'witness: gone back, as if less had been cosigned',
    harm: (forger) =>
      forger.sql(
        `update witness.state s set size = c.size, root = c.root, note = c.note from witness.cosignature c where s.origin = $1 and c.origin = $1 and c.nth = (select min(nth) from witness.cosignature where origin = $1 and size < s.size)`,
        peers,
      ),
    fsck: () => ['inbox cosigned witness of commission'],
    ...shownNothing,
  },
  {
    what: 'witness: a cosignature of the own log',
    harm: (forger) =>
      forger.sql(
        `update witness.cosignature set note = translate(note, 'ABC', 'BCA') where nth = (select max(nth) from witness.cosignature where origin = $1)`,
        origin,
      ),
    fsck: ({ size }) => [`checkpoints cosigned ${size - 1}`],
    ...shownNothing,
  },
];
