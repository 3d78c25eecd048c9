// What the other agencies learn of a round.
import type { Slice } from '#chassis/slice';
import type { Publishing } from '#kernel/reactor';
import { RoundApi } from './round.api';
import { round } from './round';

const publishing: Publishing = {
  decider: round.name,
  map: {
    RoundOpened: ({ subject, data }) => ({ type: 'inspection.round-opened.v1', data: { roundId: subject, ...data } }),
    OrganisationEnrolled: ({ subject, data }) => ({
      type: 'inspection.organisation-enrolled.v1',
      data: { roundId: subject, ...data },
    }),
    RoundClosed: ({ subject }) => ({ type: 'inspection.round-closed.v1', data: { roundId: subject } }),
  },
};

export const roundSlice: Slice = { name: 'round', api: [RoundApi], publishing: [publishing] };
