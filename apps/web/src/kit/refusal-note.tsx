import type { Refusal } from './refusal';

/** The service's own sentence, the fields it names, and the number to give when asking for help. */
export function RefusalNote({ refusal }: { refusal: Refusal | undefined }) {
  if (refusal === undefined) return null;
  const { message, fields, reference } = refusal.problem;
  return (
    <div className="refusal" role="alert">
      <p>{message}</p>
      {fields !== undefined && fields.length > 0 && (
        <ul>
          {fields.map((field) => (
            <li key={field.path}>{field.message}</li>
          ))}
        </ul>
      )}
      {reference !== '' && <p className="reference">编号 {reference}</p>}
    </div>
  );
}
