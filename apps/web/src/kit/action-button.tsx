import { Button } from 'antd';
import { useId } from 'react';
import type { Openness } from './actions';

type Props = {
  readonly label: string;
  readonly openness: Openness;
  readonly onClick: () => void;
  readonly primary?: boolean;
  readonly danger?: boolean;
  readonly sending?: boolean;
};

/** A button that says before the click why it cannot be used, in plain sight and tied to it for screen readers. */
export function ActionButton({ label, openness, onClick, primary, danger, sending }: Props) {
  const whyId = useId();
  const explained = !openness.open && openness.why !== '';
  return (
    <div className="action">
      <Button
        type={primary ? 'primary' : 'default'}
        danger={danger ?? false}
        disabled={!openness.open}
        loading={sending ?? false}
        aria-describedby={explained ? whyId : undefined}
        onClick={onClick}
      >
        {label}
      </Button>
      {explained && (
        <p className="why" id={whyId}>
          {openness.why}
        </p>
      )}
    </div>
  );
}
