import type { FeedbackPage, RoundLine } from '#contracts/answers';
import { paths, type OutlineLine } from '#contracts/api';
import { useState, type KeyboardEvent } from 'react';
import { FormDrawer } from '../kit/form-drawer';
import { RefusalNote } from '../kit/refusal-note';
import { uuid } from '../kit/submission';
import { DeclaredFound } from './declared-found';
import { DeskToolbar } from './desk-toolbar';
import { freezeSpec } from './freeze-spec';
import { LineForm } from './line-form';
import { LineList } from './line-list';
import { addedAfter, faultsOf, moved, replaced, sliceOf, without } from './outline';
import { SourceText } from './source-text';
import { useOutline } from './use-outline';

type Props = { readonly feedback: FeedbackPage; readonly units: RoundLine['organisations'] };

/** The clerk's desk: the original on the left, the issues found in it on the right, one of them open for editing. */
export function OutlineDesk({ feedback, units }: Props) {
  const outline = useOutline(feedback);
  const { lines, changed } = outline;
  const [chosenKey, setChosenKey] = useState<string | undefined>(lines[0]?.key);
  const [freezing, setFreezing] = useState(false);
  const chosen = lines.find(({ key }) => key === chosenKey);
  const faults = faultsOf(lines);
  const locked = feedback.state === 'frozen';
  const add = () => {
    const key = uuid();
    outline.change(addedAfter(lines, chosenKey, key));
    setChosenKey(key);
  };
  const remove = (line: OutlineLine) => {
    const at = lines.indexOf(line);
    outline.change(without(lines, line.key));
    setChosenKey((lines[at + 1] ?? lines[at - 1])?.key);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey && event.key === 'Enter' && changed) void outline.save();
  };
  return (
    <div onKeyDown={onKey}>
      <DeclaredFound feedback={feedback} count={lines.length} />
      {!locked && (
        <DeskToolbar
          feedback={feedback}
          outline={outline}
          units={units}
          onAdd={add}
          onFreeze={() => setFreezing(true)}
        />
      )}
      <RefusalNote refusal={outline.refusal} />
      <div className="columns columns-even desk">
        <SourceText
          source={feedback.source}
          slice={chosen === undefined ? undefined : sliceOf(feedback.source, chosen)}
        />
        <div>
          <LineList lines={lines} units={units} faults={faults} chosen={chosenKey} onChoose={setChosenKey} />
          {chosen !== undefined && (
            <LineForm
              key={chosen.key}
              line={chosen}
              units={units}
              locked={locked}
              onChange={(line) => outline.change(replaced(lines, line))}
              onMove={(step) => outline.change(moved(lines, chosen.key, step))}
              onRemove={() => remove(chosen)}
            />
          )}
        </div>
      </div>
      {freezing && (
        <FormDrawer
          spec={freezeSpec(feedback, lines.length)}
          path={paths.freeze(feedback.feedbackId)}
          recordId={feedback.feedbackId}
          revision={feedback.revision}
          onClose={() => setFreezing(false)}
        />
      )}
    </div>
  );
}
