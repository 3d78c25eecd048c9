import type { IssuePage } from '#contracts/answers';

export function CloseOut({ issue }: { issue: IssuePage }) {
  const { closeOut } = issue;
  if (closeOut === undefined) return null;
  return (
    <section className="panel" aria-labelledby="close-out-heading">
      <h2 id="close-out-heading">
        销号材料 <span className="sub">第{closeOut.attempt}次申请</span>
      </h2>
      <h3>整改结果</h3>
      <p className="original">{closeOut.result}</p>
      <h3>原因如何消除</h3>
      <p className="original">{closeOut.causeRemoved}</p>
      <h3>举一反三</h3>
      <p className="original">{closeOut.generalisation}</p>
    </section>
  );
}
