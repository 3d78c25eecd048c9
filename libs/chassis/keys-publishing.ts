// What an agency tells of keys. It is the service's own act, not one of people at a page: there is no rule book.
import type { Publishing } from '#kernel/reactor';

export const keysPublishing: Publishing = {
  decider: 'keys',
  map: {
    KeyAnnounced: ({ actor, data }) => ({ type: `${actor.agency}.key-announced.v1`, data }),
    KeyRevoked: ({ actor, data }) => ({ type: `${actor.agency}.key-revoked.v1`, data }),
  },
};
