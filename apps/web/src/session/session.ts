// Who is signed in, and at which of the three consoles. The session itself is an HttpOnly cookie the page never sees.
import type { Console, Me } from '#contracts/answers';
import { paths } from '#contracts/api';
import { may } from '#contracts/roles';
import { useQuery } from '@tanstack/react-query';
import { read } from '../kit/http';
import { keys } from '../kit/query-keys';
import { Refusal } from '../kit/refusal';

async function readMe(): Promise<Me | null> {
  try {
    return await read<Me>(paths.session);
  } catch (error) {
    // Nobody signed in is an answer, not a fault.
    if (error instanceof Refusal && error.status === 401) return null;
    throw error;
  }
}

export function useMe() {
  return useQuery({ queryKey: keys.session, queryFn: readMe, staleTime: 60_000 });
}

export function useConsole() {
  return useQuery({ queryKey: keys.console, queryFn: () => read<Console>(paths.console), staleTime: Infinity });
}

/** Whether the signed-in user may ask for this; false while unknown. */
export function useMay(): (permission: string) => boolean {
  const me = useMe().data;
  return (permission) => me !== null && me !== undefined && may(me.role, permission);
}
