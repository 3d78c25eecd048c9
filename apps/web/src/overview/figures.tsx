import type { Figure } from '#contracts/answers';
import { useId, useState } from 'react';
import { Link } from 'react-router';
import { ledgerPath } from '../ledger/ledger-query';

/** Figures of the top row. The number leads to the list behind it; its formula unfolds below the row. */
export function Figures({ figures }: { figures: readonly Figure[] }) {
  const [explained, setExplained] = useState<Figure | undefined>();
  const formulaId = useId();
  return (
    <section aria-label="主要数字">
      <ul className="figures">
        {figures.map((figure) => (
          <li key={figure.label}>
            <Link
              to={ledgerPath(figure.list)}
              className="figure-value"
              aria-label={`${figure.label} ${figure.text}，查看清单`}
            >
              {figure.text}
            </Link>
            {figure.beside !== undefined && <span className="sub">{figure.beside}</span>}
            <button
              type="button"
              className="figure-label"
              aria-expanded={explained?.label === figure.label}
              aria-controls={formulaId}
              onClick={() => setExplained(explained?.label === figure.label ? undefined : figure)}
            >
              {figure.label}
              <span className="formula-sign"> 口径</span>
            </button>
          </li>
        ))}
      </ul>
      <div id={formulaId} className="formula-line" aria-live="polite">
        {explained !== undefined && (
          <p>
            <b>{explained.label}</b> {explained.formula} <Link to={ledgerPath(explained.list)}>查看清单</Link>
          </p>
        )}
      </div>
    </section>
  );
}
