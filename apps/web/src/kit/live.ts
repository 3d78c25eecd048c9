// Live refresh: the service says which view has changed, the page reads it again. The stream carries no data, so losing
// it only makes the page older, and the page says so.
import { paths } from '#contracts/api';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { noteLive } from './connection';
import { isView, touchedBy } from './query-keys';

const settleMilliseconds = 250;
const reopenMilliseconds = 5000;

function viewOf(data: string): string {
  try {
    const told = JSON.parse(data) as { view?: unknown };
    return typeof told.view === 'string' ? told.view : '';
  } catch {
    return '';
  }
}

function openStream(onChanged: (view: string) => void, onReturn: () => void): () => void {
  let source: EventSource | undefined;
  let timer = 0;
  let wasDown = false;
  const open = () => {
    source = new EventSource(paths.live);
    source.addEventListener('open', () => {
      noteLive('up');
      if (wasDown) onReturn();
      wasDown = false;
    });
    source.addEventListener('changed', (event: MessageEvent<string>) => onChanged(viewOf(event.data)));
    source.addEventListener('error', () => {
      noteLive('down');
      wasDown = true;
      // The browser reconnects by itself except after an HTTP error, which closes the source for good.
      if (source?.readyState !== EventSource.CLOSED) return;
      window.clearTimeout(timer);
      timer = window.setTimeout(open, reopenMilliseconds);
    });
  };
  open();
  return () => {
    window.clearTimeout(timer);
    source?.close();
  };
}

/** Keeps every page fresh while mounted. Bursts of changes are read once. */
export function useLive(): void {
  const client = useQueryClient();
  useEffect(() => {
    const waiting = new Set<string>();
    let timer = 0;
    const flush = () => {
      const words = new Set(waiting);
      waiting.clear();
      void client.invalidateQueries({ predicate: ({ queryKey }) => words.has(String(queryKey[0])) });
    };
    const close = openStream(
      (view) => {
        touchedBy(view).forEach((word) => waiting.add(word));
        window.clearTimeout(timer);
        timer = window.setTimeout(flush, settleMilliseconds);
      },
      () => void client.invalidateQueries({ predicate: ({ queryKey }) => isView(queryKey[0]) }),
    );
    return () => {
      window.clearTimeout(timer);
      close();
    };
  }, [client]);
}
