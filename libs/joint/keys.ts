// What an agency tells of keys. It is the service's own act, not one of people at a page: there is no rule book.
import type { Agency } from '#kernel/envelope';
import type { Publishing } from '#kernel/reactor';

export function keysPublishing(agency: Agency): Publishing {
  return {
    decider: 'keys',
    map: {
      KeyAnnounced: ({ data }) => ({ type: `${agency}.key-announced.v1`, data }),
      KeyRevoked: ({ data }) => ({ type: `${agency}.key-revoked.v1`, data }),
    },
  };
}
