import { Button } from 'antd';
import { useId } from 'react';
import { groupedByReason, type Openness } from './actions';

export type ListedAction = {
  readonly name: string;
  readonly label: string;
  readonly openness: Openness;
  readonly primary?: boolean;
  readonly danger?: boolean;
  readonly onClick: () => void;
};

/** Buttons that say before the click why they cannot be used, in plain sight and tied to it for screen readers. */
export function ActionList({ actions }: { actions: readonly ListedAction[] }) {
  return (
    <div className="actions">
      {groupedByReason(actions).map((group) => (
        <Group key={group[0]?.name} group={group} why={group[0]?.openness.why ?? ''} />
      ))}
    </div>
  );
}

function Group({ group, why }: { group: readonly ListedAction[]; why: string }) {
  const whyId = useId();
  return (
    <div className="action">
      <div className="action-buttons">
        {group.map(({ name, label, openness, primary, danger, onClick }) => (
          <Button
            key={name}
            type={primary === true && openness.open ? 'primary' : 'default'}
            danger={danger ?? false}
            disabled={!openness.open}
            aria-describedby={why === '' ? undefined : whyId}
            onClick={onClick}
          >
            {label}
          </Button>
        ))}
      </div>
      {why !== '' && (
        <p className="why" id={whyId}>
          {why}
        </p>
      )}
    </div>
  );
}
