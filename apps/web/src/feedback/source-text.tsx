import { useEffect, useRef } from 'react';
import type { Slice } from './outline';

/** The original as imported, with the slice of the chosen line marked and brought into view. */
export function SourceText({ source, slice }: { source: string; slice: Slice | undefined }) {
  const box = useRef<HTMLDivElement>(null);
  const mark = useRef<HTMLElement>(null);
  useEffect(() => {
    if (box.current === null || mark.current === null) return;
    // Only the box scrolls: the page must not jump while the clerk walks the list.
    box.current.scrollTop = mark.current.offsetTop - box.current.clientHeight / 3;
  }, [slice?.start, slice?.end]);
  return (
    <section aria-labelledby="source-heading">
      <h2 id="source-heading">
        反馈原文 {slice === undefined && <span className="sub">所选问题的文字不在原文中</span>}
      </h2>
      <div className="source" ref={box} tabIndex={0} role="group" aria-label="反馈原文">
        {slice === undefined ? (
          source
        ) : (
          <>
            {source.slice(0, slice.start)}
            <mark ref={mark}>{source.slice(slice.start, slice.end)}</mark>
            {source.slice(slice.end)}
          </>
        )}
      </div>
    </section>
  );
}
