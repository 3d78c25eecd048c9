import { useId, useState, type DragEvent } from 'react';
import { fileSize } from './format';

type Props = {
  /** Given by antd's Form.Item. */
  readonly id?: string;
  readonly value?: File | undefined;
  readonly onChange?: (file: File | undefined) => void;
  readonly label: string;
  readonly accept?: string;
  readonly hint: string;
};

/** One file, by drop or by button. The native input stays reachable by keyboard and by label. */
export function FileDrop({ id, value, onChange, label, accept, hint }: Props) {
  const ownId = useId();
  const inputId = id ?? ownId;
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file !== undefined) onChange?.(file);
  };
  return (
    <div
      className={over ? 'drop drop-over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <input
        id={inputId}
        type="file"
        className="unseen"
        aria-label={label}
        accept={accept}
        onChange={(event) => onChange?.(event.target.files?.[0])}
      />
      <label htmlFor={inputId} className="file-button">
        选择文件
      </label>
      <p className="sub">{value === undefined ? hint : `已选择 ${value.name}（${fileSize(value.size)}）`}</p>
    </div>
  );
}
