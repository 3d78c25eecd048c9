// That the words of a list are destroyed here is told to who shares the list, without the reason.
import type { Agency } from '#kernel/envelope';
import type { Publishing } from '#kernel/reactor';
import { clueFile } from './clue-file';

export function clueFilePublishing(agency: Agency): Publishing {
  return {
    decider: clueFile.name,
    map: {
      BodyDestroyed: ({ subject, data: { requestedBy, confirmedBy } }) => ({
        type: `${agency}.clue-destroyed.v1`,
        data: { handOverId: subject, requestedBy, confirmedBy },
      }),
    },
  };
}

/** After this event nothing may open the words any more. */
export const clueDestroys = [{ decider: clueFile.name, event: 'BodyDestroyed' }];
